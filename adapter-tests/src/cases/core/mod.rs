use lucia_core::Adapter;

use crate::case::Case;

pub(crate) const CASES: &[&[Case<dyn Adapter>]] = &[];

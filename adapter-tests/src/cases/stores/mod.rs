mod put_if;

use lucia_core::kv::KvStore;

use crate::case::Case;

pub(crate) const CASES: &[&[Case<dyn KvStore>]] = &[put_if::CASES];

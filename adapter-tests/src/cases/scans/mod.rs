mod scan_sessions;

use lucia_core::SessionScan;

use crate::case::Case;

pub(crate) const CASES: &[&[Case<dyn SessionScan>]] = &[scan_sessions::CASES];

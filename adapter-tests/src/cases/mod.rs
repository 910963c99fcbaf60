//! The cases by family and method. A case is named after the bullet of the contract that it checks.

pub(crate) mod users;
pub(crate) mod keys;
pub(crate) mod sessions;
pub(crate) mod scans;
pub(crate) mod stores;
pub(crate) mod tokens;
pub(crate) mod joined;
#[cfg(feature = "auth")]
pub(crate) mod core;

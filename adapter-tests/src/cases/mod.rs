//! The cases, by what they test and by method. A case has the name of the contract's bullet that it checks.

pub(crate) mod users;
pub(crate) mod keys;
pub(crate) mod sessions;
pub(crate) mod joined;
#[cfg(feature = "auth")]
pub(crate) mod core;

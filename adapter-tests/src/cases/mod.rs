//! The cases, by what they test and by method. A case has the name of the contract's bullet that it checks.

#[cfg(feature = "auth")]
pub(crate) mod core;
pub(crate) mod joined;
pub(crate) mod keys;
pub(crate) mod sessions;
pub(crate) mod users;

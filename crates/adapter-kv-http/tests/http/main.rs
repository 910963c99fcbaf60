//! Stores and adapters on real, failing and hostile servers.

#![allow(clippy::unwrap_used, reason = "a panic in a helper fails the test")]

#[path = "../support/mod.rs"]
mod support;

#[cfg(feature = "cloudflare")]
mod cloudflare;
#[cfg(feature = "unstorage")]
mod crowds;
#[cfg(feature = "unstorage")]
mod environment;
#[cfg(feature = "unstorage")]
mod faults;
#[cfg(feature = "unstorage")]
mod hostile;
#[cfg(feature = "unstorage")]
mod lucia_js;
#[cfg(feature = "unstorage")]
mod moving;
#[cfg(feature = "unstorage")]
mod read_only;
#[cfg(feature = "unstorage")]
mod tls;
#[cfg(feature = "unstorage")]
mod unstorage;

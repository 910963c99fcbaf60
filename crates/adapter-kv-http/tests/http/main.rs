//! Stores and adapters against real servers, broken ones and hostile ones.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail the test")]

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
mod tls;
#[cfg(feature = "unstorage")]
mod unstorage;

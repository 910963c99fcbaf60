//! Stores on real, failing and unsuitable services.

#![allow(clippy::unwrap_used, reason = "a panic in a helper fails the test")]

#[path = "../support/mod.rs"]
mod support;

mod conditions;
mod expired;
mod faults;
mod keys;
mod requests;
mod secrets;
mod setup;

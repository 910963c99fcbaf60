//! The semantics of `Auth`. Tests are named after the bugs of Lucia JS that they keep out.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod keys;
mod lifetime;
mod requests;
mod sessions;
#[path = "../support/mod.rs"]
mod support;
mod users;

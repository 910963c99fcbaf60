//! Tests of `Auth`. The prefix of a name is the number of the bug of Lucia JS that the test keeps out.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod clocks;
mod conversion;
mod hash_queue;
mod interrupted_moves;
mod keys;
mod lifetime;
mod operations;
#[cfg(feature = "zxcvbn")]
mod password_guesses;
mod password_rules;
mod prepared;
mod reauthentication;
mod requests;
mod session_ids;
mod sessions;
#[path = "../support/mod.rs"]
mod support;
mod throttle;
mod tokens;
mod users;
mod users_at_renewal;

//! What a driver is asked to do, by an adapter and by retries.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod scripted;
mod retrying;
mod statements;
mod tokens;

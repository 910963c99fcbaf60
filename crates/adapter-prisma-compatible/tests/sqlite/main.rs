//! The adapter on real SQLite files.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod load;
mod prisma_data;
mod regressions;
mod setup;
mod support;
mod transaction;
mod values;

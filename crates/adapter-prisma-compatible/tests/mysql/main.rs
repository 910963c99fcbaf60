//! The adapter on a real MySQL or MariaDB server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod collation;
#[path = "../support/load.rs"]
mod load;
mod locks;
mod prisma_data;
mod regressions;
mod round_trips;
mod server;
mod setup;
mod support;
mod transaction;
mod values;

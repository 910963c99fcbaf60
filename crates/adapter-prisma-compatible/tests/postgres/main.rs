//! The adapter on a real Postgres server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod ids;
mod live;
#[path = "../support/load.rs"]
mod load;
mod prisma_data;
mod regressions;
mod round_trips;
mod server;
mod setup;
mod support;
mod transaction;
mod values;

//! The adapter on a real MySQL or MariaDB server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod collation;
mod load;
mod prisma_data;
mod regressions;
mod server;
mod setup;
mod support;
mod values;

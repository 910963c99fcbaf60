//! Tests of the adapter on a MySQL or MariaDB server.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod blocked;
mod collation;
mod disguise;
#[path = "../shared/exhausted.rs"]
mod exhausted;
mod gate;
#[path = "../shared/half.rs"]
mod half;
mod locks;
#[path = "../shared/migrated.rs"]
mod migrated;
#[path = "../shared/orphans.rs"]
mod orphans;
mod prisma_data;
mod regressions;
#[path = "../shared/rolled_back.rs"]
mod rolled_back;
mod round_trips;
mod server;
#[path = "../shared/servers.rs"]
mod servers;
mod setup;
#[path = "../shared/mod.rs"]
mod shared;
mod support;
#[path = "../shared/triggers.rs"]
mod triggers;
#[path = "../shared/undone.rs"]
mod undone;
mod values;

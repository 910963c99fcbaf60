//! Tests of the adapter on a Postgres server.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod accounts;
mod blocked;
#[path = "../shared/deallocated.rs"]
mod deallocated;
#[path = "../shared/elsewhere.rs"]
mod elsewhere;
#[path = "../shared/exhausted.rs"]
mod exhausted;
mod expired;
mod gate;
mod ids;
mod live;
#[path = "../shared/migrated.rs"]
mod migrated;
#[path = "../shared/orphans.rs"]
mod orphans;
mod prisma_data;
mod regressions;
mod replica;
mod round_trips;
mod server;
#[path = "../shared/servers.rs"]
mod servers;
mod setup;
#[path = "../shared/mod.rs"]
mod shared;
mod stored_again;
mod support;
mod transaction;
#[path = "../shared/triggers.rs"]
mod triggers;
mod unenforced;
mod values;

//! Outages of servers: every call ends in time, with success or with `Unavailable`; afterwards the same adapter works again, and
//! acknowledged changes are kept.

#![expect(clippy::unwrap_used, reason = "a panic in a helper fails the test")]
#![expect(clippy::print_stdout, reason = "the counts are shown with `--nocapture`")]

mod cluster;
mod load;
mod sentinel;
mod standalone;

use std::{sync::Arc, time::Duration};

use adapter_redis::{ConnectConfig, Connections, RedisConfig, RedisSessionAdapter, redis};
use lucia_core::SessionAdapter;

use self::load::{Differences, Record};

/// The response timeout, which is shorter than the outages.
const RESPONSE: Duration = Duration::from_millis(500);
const CONNECTION: Duration = Duration::from_secs(1);
/// The limit for an operation of two round trips that has to reconnect, on a busy machine.
const LIMIT: Duration = Duration::from_secs(5);

const CONFIG: ConnectConfig = ConnectConfig::new().response_timeout(RESPONSE).connect_timeout(CONNECTION);

async fn adapter(connections: impl Connections, config: RedisConfig) -> Arc<dyn SessionAdapter> {
    Arc::new(RedisSessionAdapter::with_config(connections, config).await.unwrap())
}

/// Opens a separate connection that controls the server.
async fn admin(port: u16) -> redis::aio::ConnectionManager {
    adapter_redis::connect(&format!("redis://127.0.0.1:{port}")).await.unwrap()
}

/// Checks what must be true after every outage except the loss of a server: every call ended in time, with `Unavailable` if
/// it failed; no session was lost or restored.
fn assert_nothing_lost(record: &Record, differences: &Differences) {
    assert_typed(record);
    assert_eq!((record.missed, record.resurrected, differences), (0, 0, &Differences::default()));
}

/// Checks that every call ended in time, and that every error is `Unavailable`.
fn assert_typed(record: &Record) {
    assert!(record.kinds().iter().all(|kind| *kind == "Unavailable"), "{:?}", record.errors);
    assert!(record.slowest < LIMIT, "{:?}", record.slowest);
    assert!(record.revocations() > 0);
}

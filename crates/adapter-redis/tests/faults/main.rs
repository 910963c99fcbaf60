//! What happens to servers, and what adapters make of it: every call ends in time, with success or with an error that says
//! that the store is unavailable; afterwards the same adapter works again, and what was acknowledged holds.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]
#![expect(clippy::print_stdout, reason = "what happened is worth a look, with `--nocapture`")]

mod cluster;
mod load;
mod sentinel;
mod standalone;

use std::{sync::Arc, time::Duration};

use adapter_redis::{ConnectConfig, Connections, RedisConfig, RedisSessionAdapter, redis};
use lucia_core::SessionAdapter;

use self::load::{Differences, Record};

/// Shorter than the outages.
const RESPONSE: Duration = Duration::from_millis(500);
const CONNECTION: Duration = Duration::from_secs(1);
/// For an operation of two round trips that finds its connection gone, on a busy machine.
const LIMIT: Duration = Duration::from_secs(5);

const CONFIG: ConnectConfig = ConnectConfig::new().response_timeout(RESPONSE).connect_timeout(CONNECTION);

async fn adapter(connections: impl Connections, config: RedisConfig) -> Arc<dyn SessionAdapter> {
    Arc::new(RedisSessionAdapter::with_config(connections, config).await.unwrap())
}

/// A connection of the test's own, to do things to the server.
async fn admin(port: u16) -> redis::aio::ConnectionManager {
    adapter_redis::connect(&format!("redis://127.0.0.1:{port}")).await.unwrap()
}

/// What holds after every outage but the loss of a server: every call ended in time, with an error of its kind if with any;
/// nothing was forgotten, and nothing came back.
fn assert_nothing_lost(record: &Record, differences: &Differences) {
    assert_typed(record);
    assert_eq!((record.missed, record.resurrected, differences), (0, 0, &Differences::default()));
}

/// Every call ended in time, and no error but `Unavailable`.
fn assert_typed(record: &Record) {
    assert!(record.kinds().iter().all(|kind| *kind == "Unavailable"), "{:?}", record.errors);
    assert!(record.slowest < LIMIT, "{:?}", record.slowest);
    assert!(record.revocations() > 0);
}

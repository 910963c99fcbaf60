//! Upstash beyond the conformance suite: requests, errors, and sharing a database with the Redis protocol.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "../suite/bare_keys.rs"]
mod bare_keys;
mod commands;
mod errors;
mod lucia_1;
mod requests;
mod rotation;
mod setup;
mod sharing;

use std::time::Duration;

use adapter_redis::{HttpConfig, RedisSessionAdapter, UpstashConnection};
use lucia_core::{Attributes, Clock as _, SessionSchema, SystemClock};
use test_servers::upstash::{Database, Front, TOKEN};

type Adapter = RedisSessionAdapter<UpstashConnection>;

/// Returns a database, its API, and an adapter for it.
async fn set_up() -> (Database, Front, Adapter) {
    let database = Database::start().await.unwrap();
    let front = Front::start(&database).await.unwrap();
    let adapter = RedisSessionAdapter::new(connection(&front.url)).await.unwrap();
    front.count();
    (database, front, adapter)
}

/// A connection without retries. Its timeout is long, because a busy machine is not an outage.
fn connection(url: &str) -> UpstashConnection {
    let timeout = Duration::from_secs(30);
    let config = HttpConfig::new().max_attempts(1).attempt_timeout(timeout).timeout(timeout);
    UpstashConnection::with_config(url, TOKEN, config).unwrap()
}

fn session(id: &str, user_id: &str) -> SessionSchema {
    let now = SystemClock.now();
    let [active, idle] = [1, 2].map(|hours| now.saturating_add(Duration::from_secs(hours * 3_600)));
    let session = SessionSchema::new(id, user_id, active, idle);
    session.with_attributes(Attributes::from([("country", "NZ")])).unwrap()
}

//! The adapter for Upstash beyond the conformance suite: its requests, its errors, and who shares its database.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod errors;
mod requests;
mod rotation;
mod sharing;
#[path = "../support/upstash.rs"]
mod upstash;

use std::time::Duration;

use adapter_kv_http::{HttpOptions, UpstashConfig, UpstashSessionAdapter};
use lucia_core::{Attributes, Clock as _, SessionSchema, SystemClock};

use self::upstash::{Database, Front, TOKEN};

/// A database of one's own, its API, and an adapter for it.
async fn set_up() -> (Database, Front, UpstashSessionAdapter) {
    let database = Database::start().await.unwrap();
    let front = Front::start(&database).await;
    let adapter = adapter(&front.url);
    (database, front, adapter)
}

fn adapter(url: &str) -> UpstashSessionAdapter {
    let patience =
        HttpOptions::default().retries(0).attempt_timeout(Duration::from_secs(30)).timeout(Duration::from_secs(30));
    UpstashConfig::new(url, TOKEN).http(patience).session_adapter().unwrap()
}

fn session(id: &str, user_id: &str) -> SessionSchema {
    let now = SystemClock.now();
    let [active, idle] = [1, 2].map(|hours| now.saturating_add(Duration::from_secs(hours * 3_600)));
    let session = SessionSchema::new(id, user_id, active, idle);
    session.with_attributes(Attributes::from([("country", "NZ")])).unwrap()
}

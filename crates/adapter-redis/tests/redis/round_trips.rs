//! The number of round trips of each operation, counted by a proxy.

use lucia_core::{SessionAdapter, SessionScan as _, SessionSchema, SessionUpdate, TokenAdapter as _};
use test_servers::{Proxy, redis_server};

use crate::place::{KIND, Place, attribute, hours, id, now, session, token, url, user};

/// Connects to the same place through a proxy.
async fn behind_proxy() -> (Place, Proxy) {
    let port = url().trim_end_matches('/').rsplit(':').next().unwrap().split('/').next().unwrap().parse().unwrap();
    behind_proxy_to(port).await
}

async fn behind_proxy_to(port: u16) -> (Place, Proxy) {
    let proxy = Proxy::start(port).unwrap();
    let place = Place::on(&format!("redis://127.0.0.1:{}", proxy.port())).await;
    (place, proxy)
}

/// Runs an operation and returns the number of its round trips.
macro_rules! count {
    ($proxy:expr, $operation:expr) => {{
        let before = $proxy.requests();
        $operation.await.unwrap();
        $proxy.requests() - before
    }};
}

#[tokio::test]
async fn operations_take_the_documented_round_trips() {
    let (place, proxy) = behind_proxy().await;
    let adapter = place.adapter().await;
    let renewal = |session: &SessionSchema, end| {
        SessionUpdate::renewal(hours(2), hours(end)).with_expected_idle_expires(session.idle_expires)
    };
    let change = SessionUpdate::default().with_attributes(attribute("country", "NZ")).unwrap();
    // The server caches a script when it first runs it.
    let first = session("first", "first");
    adapter.set_session(&first).await.unwrap();
    adapter.update_session(&first.id, &renewal(&first, 20)).await.unwrap();
    adapter.update_session(&first.id, &change).await.unwrap();
    adapter.rotate_session(&first.id, &id("second"), &SessionUpdate::default()).await.unwrap();
    adapter.get_sessions_by_user_id(&first.user_id).await.unwrap();
    let _: () = place.query(redis::cmd("SADD").arg(place.user_sessions_key("first")).arg("gone")).await;
    adapter.get_sessions_by_user_id(&first.user_id).await.unwrap();
    adapter.delete_session(&id("second")).await.unwrap();
    adapter.set_session(&first).await.unwrap();
    adapter.delete_sessions_by_user_id(&first.user_id).await.unwrap();

    let stored = session("s", "u");
    assert_eq!(count!(proxy, adapter.set_session(&stored)), 1);
    assert_eq!(count!(proxy, adapter.get_session(&stored.id)), 1);
    assert_eq!(count!(proxy, adapter.get_session(&id("unknown"))), 1);
    assert_eq!(count!(proxy, adapter.get_sessions(&[id("unknown"), stored.id.clone()])), 1);
    assert_eq!(count!(proxy, adapter.get_sessions(&[])), 0);
    assert_eq!(count!(proxy, adapter.update_session(&stored.id, &renewal(&stored, 20))), 1);
    assert_eq!(count!(proxy, adapter.update_session(&stored.id, &change)), 2);
    assert_eq!(count!(proxy, adapter.rotate_session(&stored.id, &id("t"), &SessionUpdate::default())), 2);
    assert_eq!(count!(proxy, adapter.get_sessions_by_user_id(&user("u"))), 1);
    assert_eq!(count!(proxy, adapter.delete_session(&id("t"))), 1);
    assert_eq!(count!(proxy, adapter.get_sessions_by_user_id(&user("u"))), 1, "no sessions");
    assert_eq!(count!(proxy, adapter.delete_expired_sessions(now(), 100)), 0);

    for number in 0..1_000 {
        adapter.set_session(&session(&format!("s{number}"), "u")).await.unwrap();
    }
    let _: () = place.query(redis::cmd("DEL").arg(place.session_key("s0"))).await;
    assert_eq!(
        count!(proxy, adapter.get_sessions_by_user_id(&user("u"))),
        2,
        "a thousand sessions, one of which was deleted"
    );
    assert_eq!(count!(proxy, adapter.get_sessions_by_user_id(&user("u"))), 1);
    assert_eq!(count!(proxy, adapter.delete_other_sessions(&user("u"), &id("s1"))), 1);
    adapter.set_session(&session("s2", "u")).await.unwrap();
    assert_eq!(count!(proxy, adapter.delete_sessions_by_user_id(&user("u"))), 1);
}

#[tokio::test]
async fn tokens_counters_and_scans_take_one_round_trip() {
    let (place, proxy) = behind_proxy().await;
    let (adapter, tokens) = (place.adapter().await, place.tokens().await);
    let plain = lucia_core::TokenSchema::new("plain", KIND, hours(1));
    let window = std::time::Duration::from_secs(60);
    // The server caches a script when it first runs it.
    for expected in [None, Some(1)] {
        let (one, two) = (token("t1", "u"), token("t2", "u"));
        let mut trips = Vec::new();
        trips.push(count!(proxy, tokens.set_token(&one)));
        trips.push(count!(proxy, tokens.set_token(&two)));
        trips.push(count!(proxy, tokens.set_token(&plain)));
        trips.push(count!(proxy, tokens.get_token(&KIND, &one.id)));
        trips.push(count!(proxy, tokens.take_token(&KIND, &one.id)));
        trips.push(count!(proxy, tokens.take_token(&KIND, &plain.id)));
        trips.push(count!(proxy, tokens.delete_tokens(None, &user("u"))));
        trips.push(count!(proxy, tokens.add_to_counter("k", 1, window, now())));
        adapter.set_session(&session("s", "v")).await.unwrap();
        trips.push(count!(proxy, adapter.delete_oldest_sessions(&user("v"), &id("t"), "created_at", 0)));
        trips.push(count!(proxy, adapter.scan_sessions(None, 100)));
        if let Some(expected) = expected {
            assert!(trips.iter().all(|trips| *trips == expected), "{trips:?}");
        }
        assert_eq!(count!(proxy, tokens.delete_expired_tokens(now(), 100)), 0);
    }
}

/// Does what `lucia-auth` does with an idle session: reads and renews it.
#[tokio::test]
async fn validation_with_a_renewal_takes_two_round_trips() {
    let (place, proxy) = behind_proxy().await;
    let users = lucia_core::memory::MemoryAdapter::new();
    let adapter = lucia_core::SplitAdapter::new(users, place.adapter().await);
    let auth = lucia_auth::Auth::builder(adapter).build().unwrap();
    let owner = auth.create_user(lucia_auth::NewUser::new()).await.unwrap().id;
    let mut session = None;
    // The second call finds cached scripts.
    for expected in [None, Some(2)] {
        let created = auth.create_session(lucia_auth::NewSession::new(owner.clone())).await.unwrap();
        let idle = SessionUpdate::renewal(lucia_core::UnixMillis::new(now().get() - 1), hours(10));
        place.adapter().await.update_session(&created.id, &idle).await.unwrap();
        let before = proxy.requests();
        let validated = auth.validate_session(&created.token).await.unwrap();
        assert!(validated.fresh);
        if let Some(expected) = expected {
            assert_eq!(proxy.requests() - before, expected);
        }
        session = Some(validated);
    }
    let session = session.unwrap();
    let before = proxy.requests();
    auth.validate_session(&session.token).await.unwrap();
    assert_eq!(proxy.requests() - before, 1, "an active session");
}

#[tokio::test]
async fn flushed_scripts_are_loaded_again() {
    // A separate server, because other tests count the requests of theirs.
    let server = redis_server().unwrap().start().unwrap();
    let (place, proxy) = behind_proxy_to(server.port()).await;
    let adapter = place.adapter().await;
    adapter.set_session(&session("a", "u")).await.unwrap();
    let _: () = place.query(redis::cmd("SCRIPT").arg("FLUSH")).await;
    assert!((1..=2).contains(&count!(proxy, adapter.set_session(&session("b", "u")))));
    let _: () = place.query(redis::cmd("SCRIPT").arg("FLUSH")).await;
    adapter.delete_sessions_by_user_id(&user("u")).await.unwrap();
    assert!(!place.exists(&place.user_sessions_key("u")).await);
}

/// The additional round trip is the `PING` with which deadpool checks a recycled connection.
#[cfg(feature = "deadpool")]
#[tokio::test]
async fn a_pool_costs_a_round_trip_more() {
    let (place, proxy) = behind_proxy().await;
    let pool = deadpool_redis::Config::from_url(format!("redis://127.0.0.1:{}", proxy.port()))
        .create_pool(Some(deadpool_redis::Runtime::Tokio1))
        .unwrap();
    let adapter = place.adapter_on(pool).await;
    adapter.set_session(&session("s", "u")).await.unwrap();
    assert_eq!(count!(proxy, adapter.get_session(&id("s"))), 2);
    adapter.get_sessions_by_user_id(&user("u")).await.unwrap();
    assert_eq!(count!(proxy, adapter.get_sessions_by_user_id(&user("u"))), 2);
}

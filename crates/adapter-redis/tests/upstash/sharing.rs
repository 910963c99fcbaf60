//! One database for this adapter, for any Redis client, and for Lucia JS.

use adapter_kv_http::{HttpError, UpstashConfig};
use adapter_redis::{RedisConfig, RedisSessionAdapter};
use lucia_core::{AdapterErrorKind, SessionAdapter, SessionUpdate, UnixMillis};

use super::{session, set_up, upstash::TOKEN};

#[tokio::test]
async fn the_redis_adapter_reads_updates_and_revokes_the_same_sessions() {
    let (database, _front, here) = set_up().await;
    let there = RedisSessionAdapter::new(database.connection.clone()).await.unwrap();
    let (ours, theirs) = (session("ours", "u:1"), session("theirs", "u:1"));
    here.set_session(&ours).await.unwrap();
    there.set_session(&theirs).await.unwrap();
    for session in [&ours, &theirs] {
        assert_eq!(here.get_session(&session.id).await.unwrap().as_ref(), Some(session));
        assert_eq!(there.get_session(&session.id).await.unwrap().as_ref(), Some(session));
    }
    for adapter in [&here as &dyn SessionAdapter, &there] {
        let mut listed = adapter.get_sessions_by_user_id(&"u:1".into()).await.unwrap();
        listed.sort_by(|one, other| one.id.cmp(&other.id));
        assert_eq!(listed, [ours.clone(), theirs.clone()]);
    }
    let country = lucia_core::Attributes::from([("country", "FR")]);
    let update = SessionUpdate::default().with_attributes(country).unwrap();
    there.update_session(&ours.id, &update).await.unwrap();
    here.update_session(&theirs.id, &update).await.unwrap();
    let france = |session: Option<lucia_core::SessionSchema>| session.unwrap().attributes().get("country").cloned();
    assert_eq!(france(here.get_session(&ours.id).await.unwrap()), Some("FR".into()));
    assert_eq!(france(there.get_session(&theirs.id).await.unwrap()), Some("FR".into()));
    there.delete_sessions_by_user_id(&"u:1".into()).await.unwrap();
    assert!(here.get_sessions_by_user_id(&"u:1".into()).await.unwrap().is_empty());
    assert_eq!(here.get_session(&ours.id).await.unwrap(), None);
}

/// The index of a user lives as long as its longest session, or for ever beside Lucia JS.
#[tokio::test]
async fn the_index_outlives_every_session() {
    let (database, front, adapter) = set_up().await;
    let expiry = async |key: &str| database.run::<i64>(&["PEXPIRETIME", key]).await.unwrap();
    let (long, mut short) = (session("long", "u1"), session("short", "u1"));
    adapter.set_session(&long).await.unwrap();
    short.idle_expires = short.active_expires;
    adapter.set_session(&short).await.unwrap();
    let until = long.idle_expires.get() + 1;
    assert_eq!((expiry("session:long").await, expiry("userSession:u1").await), (until, until));
    assert_eq!(expiry("session:short").await, short.idle_expires.get() + 1);

    let beside = UpstashConfig::new(&front.url, TOKEN).index_expires(false).session_adapter().unwrap();
    beside.set_session(&session("third", "u1")).await.unwrap();
    assert_eq!(expiry("userSession:u1").await, -1);
    adapter.update_session(&long.id, &SessionUpdate::renewal(UnixMillis::MAX, UnixMillis::MAX)).await.unwrap();
    assert_eq!(expiry("userSession:u1").await, -1, "an index without an expiry gets none");
}

/// The default names would read the sessions of Lucia JS, and report a revocation of all as done that ends none.
#[tokio::test]
async fn an_index_that_misses_sessions_of_lucia_js_is_an_error() {
    let (database, front, adapter) = set_up().await;
    let (theirs, ours) = (session("theirs", "u1"), session("ours", "u1"));
    adapter.set_session(&ours).await.unwrap();
    database.run::<i64>(&["SADD", "user_sessions:u1", "theirs", "expired"]).await.unwrap();
    database.run::<()>(&["SET", "session:theirs", &theirs.to_json()]).await.unwrap();
    let user = "u1".into();
    for error in [
        adapter.get_sessions_by_user_id(&user).await.map(drop),
        adapter.delete_sessions_by_user_id(&user).await,
        adapter.delete_other_sessions(&user, &ours.id).await,
    ] {
        let error = error.unwrap_err();
        let cause = error.downcast_ref::<HttpError>().unwrap();
        assert!(matches!(cause, HttpError::OtherIndex) && cause.to_string().contains("user_session_prefix"), "{cause}");
    }
    assert_eq!(adapter.get_session(&ours.id).await.unwrap(), Some(ours.clone()), "nothing was half done");
    // The names of Lucia JS, another prefix of sessions, and a merged index.
    let named = |session, user_session| {
        let config = UpstashConfig::new(&front.url, TOKEN).session_prefix(session).user_session_prefix(user_session);
        config.index_expires(false).session_adapter().unwrap()
    };
    let listed = named("session", "user_sessions").get_sessions_by_user_id(&user).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&theirs));
    assert_eq!(named("app", "index").get_sessions_by_user_id(&user).await.unwrap(), []);
    database.run::<i64>(&["SUNIONSTORE", "userSession:u1", "userSession:u1", "user_sessions:u1"]).await.unwrap();
    adapter.delete_sessions_by_user_id(&user).await.unwrap();
    for session in [theirs, ours] {
        assert_eq!(adapter.get_session(&session.id).await.unwrap(), None);
    }
}

/// What each user would be told at their first list is told at the start.
#[tokio::test]
async fn a_check_finds_sessions_of_lucia_js_before_anybody_misses_them() {
    let (database, front, adapter) = set_up().await;
    let named = |session, user_session| {
        let config = UpstashConfig::new(&front.url, TOKEN).session_prefix(session).user_session_prefix(user_session);
        config.session_adapter().unwrap()
    };
    adapter.check().await.unwrap();
    assert_eq!(front.count(), 1, "a database without keys");
    // Expired sessions of Lucia JS, an index of another type, and another user's session.
    database.run::<i64>(&["SADD", "user_sessions:u1", "gone", "theirs"]).await.unwrap();
    database.run::<i64>(&["RPUSH", "user_sessions:u2", "theirs"]).await.unwrap();
    database.run::<()>(&["SET", "session:theirs", &session("theirs", "u:3").to_json()]).await.unwrap();
    adapter.check().await.unwrap();
    database.run::<i64>(&["SADD", "user_sessions:u:3", "theirs"]).await.unwrap();
    for adapter in [&adapter, &named("session", "index")] {
        let error = adapter.check().await.unwrap_err();
        assert_eq!(error.kind(), AdapterErrorKind::Backend);
        let cause = error.downcast_ref::<HttpError>().unwrap();
        assert!(matches!(cause, HttpError::OtherIndex) && cause.to_string().contains("user_session_prefix"), "{cause}");
    }
    front.count();
    for adapter in [named("session", "user_sessions"), named("app", "userSession")] {
        adapter.check().await.unwrap();
    }
    assert_eq!(front.count(), 0, "names that share no session with Lucia JS, or its index");
    database.run::<i64>(&["SADD", "userSession:u:3", "theirs"]).await.unwrap();
    adapter.check().await.unwrap();
}

#[tokio::test]
async fn a_check_of_many_keys_is_bounded() {
    let (database, front, adapter) = set_up().await;
    let fill = "for i = 1, tonumber(ARGV[1]) do redis.call('SET', 'cache:' .. i, i) end";
    database.run::<()>(&["EVAL", fill, "0", "30000"]).await.unwrap();
    adapter.check().await.unwrap();
    assert_eq!(front.count(), 10);
    // An index for each session, in one of 51 keys.
    let sign_in = "for i = 1, 600 do redis.call('SADD', 'user_sessions:u' .. i, 's' .. i) end";
    database.run::<()>(&["EVAL", sign_in, "0"]).await.unwrap();
    for number in 1..=600 {
        let session = session(&format!("s{number}"), &format!("u{number}"));
        database.run::<()>(&["SET", &format!("session:s{number}"), &session.to_json()]).await.unwrap();
    }
    let error = adapter.check().await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(HttpError::OtherIndex)), "{error:?}");
}

/// What Lucia JS 2.1.2 wrote, recorded from it.
#[tokio::test]
async fn a_session_of_lucia_js_is_read_listed_and_revoked() {
    let (database, front, _) = set_up().await;
    let config = RedisConfig::lucia_2();
    let json = r#"{"country":"XX","nothing":null,"id":"fixedsessionid0000000000000000000000000001","user_id":"u1","active_expires":4102531200000,"idle_expires":4103740800000}"#;
    let id = "fixedsessionid0000000000000000000000000001";
    database.run::<i64>(&["SADD", "user_sessions:u1", id]).await.unwrap();
    database.run::<()>(&["SET", &format!("session:{id}"), json, "EXAT", "4103740800"]).await.unwrap();
    let adapter = UpstashConfig::new(&front.url, TOKEN)
        .user_session_prefix("user_sessions")
        .index_expires(false)
        .session_adapter()
        .unwrap();
    assert_eq!(adapter.get_session(&id.into()).await.unwrap().unwrap().to_json(), json);
    assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap().len(), 1);
    let there = RedisSessionAdapter::with_config(database.connection.clone(), config).await.unwrap();
    assert_eq!(there.get_sessions_by_user_id(&"u1".into()).await.unwrap().len(), 1);
    adapter.delete_session(&id.into()).await.unwrap();
    assert!(database.run::<Vec<String>>(&["KEYS", "*"]).await.unwrap().is_empty());
}

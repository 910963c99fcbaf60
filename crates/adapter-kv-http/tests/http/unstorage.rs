//! The store on unstorage servers of three releases.

use std::{sync::Arc, time::Duration};

use adapter_kv_http::{HttpError, KvConfig, KvSessionAdapter, UnstorageConfig, UnstorageStore};
use lucia_auth::{Auth, NewSession};
use lucia_core::{
    AdapterErrorKind as Kind, Clock as _, ManualClock, SessionAdapter as _, SessionSchema, SessionUpdate, SplitAdapter,
    UnixMillis, UserAdapter as _, UserSchema,
    kv::{KvEntry, KvLayout, KvStore as _},
    memory::MemoryAdapter,
};
use tokio::task::spawn_blocking;

use crate::support::{
    self, in_seconds,
    proxy::Proxy,
    unstorage::{Driver, NEWEST, OLDER, OLDEST, Unstorage},
    within_a_month,
};

async fn start(version: &'static str, driver: Driver) -> Unstorage {
    spawn_blocking(move || Unstorage::start(version, driver)).await.unwrap()
}

/// Values that every release stores unchanged, or reformats without changing their meaning.
const VALUES: [&str; 3] = [
    r#"{"id":"s1","user_id":"u1","active_expires":1795197527069,"idle_expires":1795201126069}"#,
    r#"{"text":"ü 🦀 \" \\ \n","nothing":null,"list":[1,[]],"id":"null"}"#,
    "1795201126069",
];

#[tokio::test]
async fn values_are_read_as_they_were_written() {
    for (version, driver) in
        [(NEWEST, Driver::Memory), (NEWEST, Driver::Fs), (NEWEST, Driver::Redis), (OLDER, Driver::Memory)]
            .into_iter()
            .chain([(OLDER, Driver::Fs), (OLDER, Driver::Redis), (OLDEST, Driver::Memory)])
    {
        let unstorage = start(version, driver).await;
        let store = UnstorageStore::new(&unstorage.url()).unwrap();
        assert_eq!(store.get("a:b").await.unwrap(), None, "{version} {driver:?}");
        for value in VALUES {
            store.put("a:b", value.as_bytes(), in_seconds(60)).await.unwrap();
            let read = store.get("a:b").await.unwrap().expect("a value");
            assert_eq!(String::from_utf8(read).unwrap(), value, "{version} {driver:?}");
        }
        assert_eq!(store.list("a:", None).await.unwrap().keys, ["a:b"]);
        assert_eq!(store.list("b:", None).await.unwrap().keys, [""; 0]);
        store.delete("a:b").await.unwrap();
        store.delete("a:b").await.unwrap();
        assert_eq!(store.get("a:b").await.unwrap(), None, "{version} {driver:?}");
        assert_eq!(store.list("a:", None).await.unwrap().keys, [""; 0]);
    }
}

#[tokio::test]
async fn integers_above_2_to_the_53_are_exact_from_1_10_on() {
    let value = r#"{"n":9007199254740993}"#;
    for (version, exact) in [(NEWEST, true), (OLDER, true), (OLDEST, false)] {
        let unstorage = start(version, Driver::Memory).await;
        let store = UnstorageStore::new(&unstorage.url()).unwrap();
        store.put("a", value.as_bytes(), in_seconds(60)).await.unwrap();
        assert_eq!(store.get("a").await.unwrap().unwrap() == value.as_bytes(), exact, "{version}");
    }
}

#[tokio::test]
async fn many_keys_at_once() {
    let unstorage = start(NEWEST, Driver::Memory).await;
    let store = UnstorageStore::new(&unstorage.url()).unwrap();
    let entries: Vec<_> = (0..150)
        .map(|n| KvEntry { key: format!("a:{n}"), value: n.to_string().into_bytes(), expires: in_seconds(60) })
        .collect();
    store.put_many(&entries).await.unwrap();
    let keys: Vec<_> = entries.iter().map(|entry| entry.key.as_str()).chain(["a:absent", "no/key"]).collect();
    let values = store.get_many(&keys).await.unwrap();
    let expected = entries.iter().map(|entry| Some(entry.value.clone())).chain([None, None]);
    assert_eq!(values, expected.collect::<Vec<_>>());
    assert_eq!(store.list("a:", None).await.unwrap().keys.len(), 150);
    store.delete_many(&keys).await.unwrap();
    assert_eq!(store.list("a:", None).await.unwrap().keys, [""; 0]);
}

#[tokio::test]
async fn an_empty_value_is_rejected() {
    let unstorage = start(NEWEST, Driver::Memory).await;
    let store = UnstorageStore::new(&unstorage.url()).unwrap();
    let error = store.put("a", b"", in_seconds(60)).await.unwrap_err();
    assert!(format!("{error:?}").contains("EmptyValue"), "{error:?}");
    // The server itself does not reject it.
    let put = support::http_client().put(format!("{}/a", unstorage.url())).body("").send().await.unwrap();
    assert!(put.status().is_success());
    assert_eq!(store.get("a").await.unwrap(), None);
}

#[tokio::test]
async fn u4_expiries_are_seconds_from_now() {
    let unstorage = start(NEWEST, Driver::Redis).await;
    let proxy = Proxy::start(&unstorage.url()).await;
    let store = UnstorageStore::new(&proxy.url).unwrap();
    for expires in [in_seconds(60), in_seconds(1), in_seconds(3_600 * 24 * 365)] {
        store.put("a", b"1", expires).await.unwrap();
        let recorded = unstorage.expiry("a").await.unwrap().expect("an expiry").get();
        assert!((expires.get()..expires.get() + 5_000).contains(&recorded), "{expires:?} {recorded}");
    }
    for (expires, ttl) in [(UnixMillis::EPOCH, Some("1")), (UnixMillis::new(-1), Some("1")), (UnixMillis::MAX, None)] {
        proxy.take();
        store.put("b", b"1", expires).await.unwrap();
        let sent = proxy.take().remove(0).headers.get("x-ttl").map(|ttl| ttl.to_str().unwrap().to_owned());
        assert_eq!(sent.as_deref(), ttl, "{expires:?}");
    }
    assert_eq!(unstorage.expiry("b").await.unwrap(), None, "a key without expiry");
}

#[tokio::test]
async fn u6_no_id_aliases_another() {
    let ids = [
        "s2", "s2?x", "/s2", "s2:", ":s2", "s2/", "S2", "a:b", "a/b", "a\\b", "a?b", "a%b", "a%3Ab", "a%2Fb", "a#b",
        "a$", "a", "$", ".", "..", "", " ", " a ", "a b", "a+b", "a@b", "é", "e\u{301}", "😀", "*", "a*", "[a]", "~",
        "a~b", "a\nb", "a\0b", "a\tb",
    ];
    for (version, driver) in [
        (NEWEST, Driver::Memory),
        (NEWEST, Driver::Redis),
        (NEWEST, Driver::Fs),
        (OLDER, Driver::Fs),
        (OLDEST, Driver::Memory),
    ] {
        let unstorage = start(version, driver).await;
        let adapter = KvSessionAdapter::new(UnstorageStore::new(&unstorage.url()).unwrap());
        let sessions: Vec<_> =
            ids.iter().map(|id| SessionSchema::new(*id, *id, in_seconds(60), in_seconds(120))).collect();
        for session in &sessions {
            assert_eq!(adapter.get_session(&session.id).await.unwrap(), None, "{version} {:?}", session.id.as_str());
            adapter.set_session(session).await.unwrap();
        }
        for session in &sessions {
            assert_eq!(adapter.get_session(&session.id).await.unwrap().as_ref(), Some(session), "{version}");
            let listed = adapter.get_sessions_by_user_id(&session.user_id).await.unwrap();
            assert_eq!(listed, std::slice::from_ref(session), "{version} {:?}", session.id.as_str());
        }
        for (index, session) in sessions.iter().enumerate() {
            adapter.delete_sessions_by_user_id(&session.user_id).await.unwrap();
            for (other, later) in sessions.iter().enumerate() {
                let expected = if other <= index { None } else { Some(later) };
                if other.abs_diff(index) < 2 {
                    assert_eq!(adapter.get_session(&later.id).await.unwrap().as_ref(), expected, "{version}");
                }
            }
        }
    }
}

/// The Redis driver finds keys by a pattern.
#[tokio::test]
async fn u7_no_user_id_is_a_pattern() {
    let unstorage = start(NEWEST, Driver::Redis).await;
    let adapter = KvSessionAdapter::new(UnstorageStore::new(&unstorage.url()).unwrap());
    let users = ["[ab]", "a", "b", "?", "*", "a*", "a\\*", "[^a]"];
    let sessions = users.map(|user| SessionSchema::new(format!("of-{user}"), user, in_seconds(60), in_seconds(120)));
    for session in &sessions {
        adapter.set_session(session).await.unwrap();
    }
    for session in sessions {
        let (id, user) = (session.id.clone(), session.user_id.clone());
        assert_eq!(adapter.get_sessions_by_user_id(&user).await.unwrap(), [session], "{user}");
        adapter.delete_sessions_by_user_id(&user).await.unwrap();
        assert_eq!(adapter.get_session(&id).await.unwrap(), None, "{user}");
    }
}

/// Most drivers never delete a session. `Auth` compares its expiry.
#[tokio::test]
async fn u9_a_stored_expired_session_is_not_valid() {
    let unstorage = start(NEWEST, Driver::Memory).await;
    let clock = Arc::new(ManualClock::new(in_seconds(0)));
    let adapter = {
        let config = UnstorageConfig::new().clock(Arc::clone(&clock));
        let store = UnstorageStore::with_config(&unstorage.url(), config).unwrap();
        KvSessionAdapter::with_config(store, KvConfig::new().clock(Arc::clone(&clock))).unwrap()
    };
    let users = MemoryAdapter::without_foreign_keys();
    users.set_user(&UserSchema::new("ada"), None).await.unwrap();
    let auth: Auth =
        Auth::builder(SplitAdapter::new(users, adapter.clone())).clock(Arc::clone(&clock)).build().unwrap();
    let session = auth.create_session(NewSession::new("ada")).await.unwrap();
    auth.validate_session(&session.token).await.unwrap();
    clock.advance(Duration::from_secs(60 * 24 * 3_600));
    assert!(adapter.get_session(&session.id).await.unwrap().is_some(), "it is still stored");
    assert!(matches!(auth.validate_session(&session.token).await, Err(lucia_auth::Error::InvalidSessionId { .. })));
    assert_eq!(adapter.delete_expired_sessions(clock.now(), 10).await.unwrap(), 1);
    assert_eq!(adapter.get_session(&session.id).await.unwrap(), None);
}

#[tokio::test]
async fn ids_that_a_driver_does_not_list_are_rejected() {
    let unstorage = start(NEWEST, Driver::Fs).await;
    let adapter = KvSessionAdapter::new(UnstorageStore::new(&unstorage.url()).unwrap());
    for (id, user_id) in
        [("s", "node_modules"), ("node_modules", "u"), (&*"s".repeat(256), "u"), ("s", &*"é".repeat(50))]
    {
        let session = SessionSchema::new(id, user_id, in_seconds(60), in_seconds(120));
        assert_eq!(adapter.set_session(&session).await.unwrap_err().kind(), Kind::UnsupportedId);
        assert_eq!(adapter.get_session(&session.id).await.unwrap(), None);
        adapter.delete_session(&session.id).await.unwrap();
        adapter.delete_sessions_by_user_id(&session.user_id).await.unwrap();
    }
    let store = adapter.store();
    let keys = store.list("", None).await.unwrap().keys;
    assert!(
        keys.iter().all(|key| key.starts_with("user_session_revoked:")),
        "no session was stored, nor an entry: {keys:?}"
    );
}

#[tokio::test]
async fn a_rejected_token_is_an_error() {
    let unstorage = spawn_blocking(|| Unstorage::start_with(NEWEST, Driver::Memory, "right")).await.unwrap();
    let session = SessionSchema::new("secret-id", "u", in_seconds(60), in_seconds(120));
    let right = KvSessionAdapter::new(
        UnstorageStore::with_config(&unstorage.url(), UnstorageConfig::new().bearer_token("right")).unwrap(),
    );
    right.set_session(&session).await.unwrap();
    assert_eq!(right.get_session(&session.id).await.unwrap().as_ref(), Some(&session));

    let wrong = KvSessionAdapter::new(
        UnstorageStore::with_config(&unstorage.url(), UnstorageConfig::new().bearer_token("wrong")).unwrap(),
    );
    let renewal = SessionUpdate::renewal(in_seconds(7_200), in_seconds(9_000));
    for outcome in [
        wrong.get_session(&session.id).await.map(drop),
        wrong.get_sessions_by_user_id(&session.user_id).await.map(drop),
        wrong.set_session(&session).await,
        wrong.update_session(&session.id, &renewal).await,
        wrong.delete_session(&session.id).await,
        wrong.delete_sessions_by_user_id(&session.user_id).await,
    ] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), Kind::Backend);
        let cause = error.downcast_ref::<HttpError>().expect("its source");
        assert_eq!(
            cause.to_string(),
            "the service rejected the request with status 401: check the token and its permissions"
        );
        let shown = format!("{error} {error:?} {cause} {cause:?}");
        assert!(!shown.contains("wrong") && !shown.contains("secret-id"), "{shown}");
    }
    assert_eq!(right.get_session(&session.id).await.unwrap().as_ref(), Some(&session));
}

#[tokio::test]
async fn requests_are_counted() {
    let unstorage = start(NEWEST, Driver::Memory).await;
    let proxy = Proxy::start(&unstorage.url()).await;
    let adapter = KvSessionAdapter::new(UnstorageStore::new(&proxy.url).unwrap());
    let session = |n: usize| SessionSchema::new(format!("s{n}"), "u", in_seconds(3_600), within_a_month(0));

    adapter.store().put("first", b"1", in_seconds(60)).await.unwrap();
    assert_eq!(proxy.count(), 2, "the first write, which is read back");
    adapter.set_session(&session(0)).await.unwrap();
    assert_eq!(
        proxy.count(),
        6,
        "create: the session, its revocation, the user's, the index, the session, its revocation"
    );
    adapter.get_session(&"s0".into()).await.unwrap();
    assert_eq!(proxy.count(), 1, "get");
    let renewal = SessionUpdate::renewal(in_seconds(3_700), within_a_month(1));
    adapter.update_session(&"s0".into(), &renewal).await.unwrap();
    assert_eq!(proxy.count(), 3, "renew: read the session, write it, read its tombstone");
    adapter.delete_session(&"s0".into()).await.unwrap();
    assert_eq!(proxy.count(), 4, "revoke: read the session, write its tombstone, delete it, delete its index entry");
    adapter.set_session(&session(100)).await.unwrap();
    proxy.take();
    adapter.rotate_session(&"s100".into(), &"s101".into(), &SessionUpdate::default()).await.unwrap();
    assert_eq!(proxy.count(), 14, "rotate");
    adapter.delete_session(&"s101".into()).await.unwrap();
    for n in 1..=20 {
        adapter.set_session(&session(n)).await.unwrap();
    }
    proxy.take();
    assert_eq!(adapter.get_sessions_by_user_id(&"u".into()).await.unwrap().len(), 20);
    assert_eq!(proxy.count(), 22, "list: the index, the list of Lucia JS, and each session, as there is no bulk read");
}

#[tokio::test]
async fn a_url_below_the_root_of_the_storage_is_an_error() {
    let unstorage = start(NEWEST, Driver::Memory).await;
    let adapter = KvSessionAdapter::new(UnstorageStore::new(&format!("{}/app", unstorage.url())).unwrap());
    let session = SessionSchema::new("s", "u", in_seconds(60), in_seconds(120));
    adapter.set_session(&session).await.unwrap();
    // The server lists `app/user_session/u/s`. If this were accepted, the session could not be revoked.
    let error = adapter.delete_sessions_by_user_id(&"u".into()).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(HttpError::Unexpected { .. })), "{error:?}");
}

/// This is why the suite serializes writes of one key with the file system driver.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_system_driver_may_mix_writes_of_one_key() {
    let unstorage = start(NEWEST, Driver::Fs).await;
    let store = UnstorageStore::new(&unstorage.url()).unwrap();
    let (short, long) = (br#"{"a":1}"#.to_vec(), format!(r#"{{"a":"{}"}}"#, "x".repeat(1 << 16)).into_bytes());
    for _ in 0..20 {
        let (one, other) = tokio::join!(store.put("a", &short, in_seconds(60)), store.put("a", &long, in_seconds(60)));
        one.and(other).unwrap();
        let found = store.get("a").await.unwrap().expect("a value");
        let mixed = found.starts_with(&short) && found.len() == long.len();
        assert!(found == short || found == long || mixed, "{} bytes", found.len());
    }
    // A single write replaces the mixture.
    store.put("a", &short, in_seconds(60)).await.unwrap();
    assert_eq!(store.get("a").await.unwrap(), Some(short));
}

#[tokio::test]
async fn entries_of_other_layouts_are_kept() {
    let unstorage = start(NEWEST, Driver::Memory).await;
    let adapter = KvSessionAdapter::new(UnstorageStore::new(&unstorage.url()).unwrap());
    let session = SessionSchema::new("s1", "u1", in_seconds(60), in_seconds(120));
    adapter.set_session(&session).await.unwrap();
    let put = async |key: &str, value: &'static str| {
        let url = format!("{}/{key}", unstorage.url());
        support::http_client().put(url).body(value).send().await.unwrap().error_for_status().unwrap();
    };
    // An entry of Lucia JS (bug U1), one of a longer prefix, and one with an unknown escape.
    put("user_session/u1/u1", "\"\"").await;
    put("user_session/u1/a/b", "1").await;
    put("user_session/u1/s%201", "1").await;
    assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap(), [session]);
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap(), []);
    let keys = adapter.store().list("user_session:u1:", None).await.unwrap().keys;
    assert!(keys.contains(&"user_session:u1:a:b".to_owned()), "{keys:?}");
    let layout = KvLayout::new("session", "user_session").unwrap();
    assert!(!keys.contains(&layout.index_key(&"u1".into(), &"s1".into())), "{keys:?}");
}

/// `sessionKeyPrefix` and `userSessionKeyPrefix` of Lucia JS are optional, too.
#[tokio::test]
async fn each_prefix_may_be_set_alone() {
    let unstorage = start(NEWEST, Driver::Memory).await;
    let mut expected = Vec::new();
    for (number, (config, session, index)) in [
        (KvConfig::new(), "session", "user_session"),
        (KvConfig::new().session_prefix("app:s"), "app:s", "user_session"),
        (KvConfig::new().user_sessions_prefix("app:u"), "session", "app:u"),
        (KvConfig::new().session_prefix("app:s").user_sessions_prefix("app:u"), "app:s", "app:u"),
    ]
    .into_iter()
    .enumerate()
    {
        let store = UnstorageStore::new(&unstorage.url()).unwrap();
        let adapter = KvSessionAdapter::with_config(store, config).unwrap();
        let stored = SessionSchema::new(format!("s{number}"), format!("u{number}"), in_seconds(60), in_seconds(120));
        adapter.set_session(&stored).await.unwrap();
        expected.extend([format!("{session}:s{number}"), format!("{index}:u{number}:s{number}")]);
    }
    let mut keys = UnstorageStore::new(&unstorage.url()).unwrap().list("", None).await.unwrap().keys;
    keys.sort();
    expected.sort();
    assert_eq!(keys, expected);
}

//! Reads any records of a key-value store: no session is returned for another key, no revocation misses a session,
//! every tombstone prevents updates, and no error quotes a value.
#![no_main]

use std::{fmt::Debug, sync::Arc};

use futures_util::FutureExt as _;
use libfuzzer_sys::fuzz_target;
use lucia_core::{
    AdapterResult, Attributes, ManualClock, SessionAdapter as _, SessionSchema, SessionUpdate, UnixMillis,
    kv::{KvConfig, KvLayout, KvSessionAdapter, KvStore as _, MemoryKvStore},
};

fuzz_target!(|input: &[u8]| {
    let clock = Arc::new(ManualClock::new(UnixMillis::new(1_000)));
    let store = MemoryKvStore::new(clock.clone());
    let layout = KvLayout::new("session", "user_session").expect("the defaults fit");
    // The keys in the order of the input lines, for sessions `a` and `b` of user `u`.
    let tombstone = layout.revoked_key(&"a".into());
    let keys = ["session:a", "session:b", "user_session:u:a", "user_session:u:b", &tombstone, "user_session:u"];
    // A missing line is a missing value; an empty line is an empty value.
    let values: Vec<_> = input.splitn(keys.len(), |byte| *byte == b'\n').collect();
    for (key, value) in keys.iter().zip(&values) {
        ready(store.put(key, value, UnixMillis::MAX)).expect("memory takes everything");
    }
    let adapter = KvSessionAdapter::with_config(store, KvConfig::from(layout).clock(clock)).expect("a layout");
    let get = |id: &str| {
        let found = quiet(ready(adapter.get_session(&id.into()))).ok().flatten();
        assert!(found.as_ref().is_none_or(|session| session.id.as_str() == id));
        found
    };
    let is_users = |session: &SessionSchema| session.user_id.as_str() == "u";
    let is_expired = |session: &SessionSchema| session.is_expired(UnixMillis::new(1_000));
    let before = ["a", "b"].map(get);

    let listed = quiet(ready(adapter.get_sessions_by_user_id(&"u".into()))).expect("a listing survives any value");
    assert!(listed.iter().all(|session| is_users(session) && before.contains(&Some(session.clone()))));
    let has_entry = [2, 3].map(|entry| values.len() > entry);
    for (session, has_entry) in before.iter().zip(has_entry) {
        if let Some(session) = session
            && is_users(session)
            && !is_expired(session)
            && has_entry
        {
            assert_eq!(listed.iter().filter(|other| other.id == session.id).count(), 1, "listed once");
        }
    }
    for (session, after) in before.iter().zip(["a", "b"].map(get)) {
        let is_removed = after.is_none() && session.as_ref().is_some_and(is_expired);
        assert!(is_removed || after == *session, "a listing changes no session, and removes dead ones only");
    }

    let update = SessionUpdate::default().with_attributes(Attributes::from([("seen", true)])).expect("not reserved");
    let updated = quiet(ready(adapter.update_session(&"a".into(), &update)));
    let is_revoked = values.len() > 4;
    match (updated, get("a")) {
        (Ok(()), after) => {
            let mut expected = before[0].clone().expect("what was updated was there");
            expected.apply(&update);
            assert!(!is_revoked && after == Some(expected));
        }
        (Err(_), after) => assert!(after.is_none() || after == before[0]),
    }

    let (before_a, before_b) = (get("a"), get("b"));
    quiet(ready(adapter.delete_sessions_by_user_id(&"u".into()))).expect("a revocation survives any value");
    for (before, after) in [(before_a, get("a")), (before_b, get("b"))] {
        match before {
            Some(session) if !is_users(&session) => assert_eq!(after, Some(session), "another user's"),
            Some(session) if listed.iter().any(|listed| listed.id == session.id) => assert_eq!(after, None),
            Some(_) | None => {}
        }
    }
    assert_eq!(quiet(ready(adapter.get_sessions_by_user_id(&"u".into()))).expect("still"), []);
});

/// Polls once, because the in-memory store never waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("memory is at once")
}

fn quiet<T: Debug>(outcome: AdapterResult<T>) -> AdapterResult<T> {
    if let Err(error) = &outcome {
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
    outcome
}

//! Lucia JS 2.7.7 with its unstorage adapter 2.1.0 and this crate on one server.

use std::{process::Command, slice};

use adapter_kv_http::UnstorageStore;
use lucia_auth::{Auth, NewSession, NoAttributes};
use lucia_core::{
    SessionAdapter as _, SessionId, SessionSchema, SessionToken, SplitAdapter, UnixMillis, UserAdapter as _, UserId,
    UserSchema,
    kv::{KvConfig, KvSessionAdapter, KvStore as _},
    memory::MemoryAdapter,
};
use serde_json::{Map, Value, json};
use tokio::task::spawn_blocking;

use crate::support::{
    http_client, in_seconds, npm_script,
    unstorage::{Driver, NEWEST, OLDEST, Unstorage},
};

type Adapter = KvSessionAdapter<UnstorageStore>;

struct Both {
    unstorage: Unstorage,
    auth: Auth<NoAttributes, Map<String, Value>>,
    adapter: Adapter,
    user: UserId,
}

impl Both {
    async fn start(driver: Driver) -> Self {
        let unstorage = spawn_blocking(move || Unstorage::start(NEWEST, driver)).await.unwrap();
        let store = UnstorageStore::new(&unstorage.url()).unwrap();
        let adapter = KvSessionAdapter::with_config(store, KvConfig::new().unindexed_sessions(true)).unwrap();
        let users = MemoryAdapter::without_foreign_keys();
        users.set_user(&UserSchema::new("ada"), None).await.unwrap();
        let auth = Auth::builder(SplitAdapter::new(users, adapter.clone()))
            .session_attributes()
            .beside_lucia_js()
            .build()
            .unwrap();
        Self { unstorage, auth, adapter, user: "ada".into() }
    }

    /// Calls a method of Lucia JS and returns its result.
    async fn js(&self, method: &'static str, parameters: Value) -> Value {
        let url = self.unstorage.url();
        let call = move || {
            let script = npm_script("lucia-js", "lucia.mjs");
            let output = Command::new("node").arg(script).args([&url, method, &parameters.to_string()]).output();
            let output = output.expect("Node.js");
            assert!(output.status.success(), "{method}: {}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice(&output.stdout).expect("JSON")
        };
        spawn_blocking(call).await.unwrap()
    }

    async fn created_by_js(&self) -> SessionId {
        let session = self.js("createSession", json!(["ada", { "country": "NZ" }])).await;
        SessionId::new(session["sessionId"].as_str().expect("an id"))
    }

    async fn created_here(&self) -> SessionId {
        let session = NewSession::new("ada").attributes(&json!({ "country": "NZ" }));
        self.auth.create_session(session).await.unwrap().id
    }

    async fn listed_here(&self) -> Vec<SessionId> {
        let mut ids: Vec<_> = self.adapter.get_sessions_by_user_id(&self.user).await.unwrap();
        ids.sort_by(|a, b| a.id.cmp(&b.id));
        ids.into_iter().map(|session| session.id).collect()
    }

    async fn listed_by_js(&self) -> Vec<SessionId> {
        let sessions = self.js("getAllUserSessions", json!(["ada"])).await;
        sessions.as_array().unwrap().iter().map(|session| session["sessionId"].as_str().unwrap().into()).collect()
    }

    async fn is_alive_here(&self, id: &SessionId) -> bool {
        self.adapter.get_session(id).await.unwrap().is_some()
    }

    /// Returns the time at which Redis drops a session.
    async fn expiry(&self, id: &SessionId) -> Option<UnixMillis> {
        self.unstorage.expiry(&self.adapter.layout().session_key(id)).await.unwrap()
    }
}

/// The token of a session that is stored as Lucia JS does.
fn token(id: &SessionId) -> SessionToken {
    SessionToken::new(id.as_str())
}

#[tokio::test]
async fn sessions_of_lucia_js_are_valid_in_the_store() {
    let both = Both::start(Driver::Memory).await;
    let id = both.created_by_js().await;
    let session = both.auth.validate_session(&token(&id)).await.unwrap();
    assert_eq!((session.user.id, session.attributes["country"].clone()), ("ada".into(), json!("NZ")));

    both.js("updateSessionAttributes", json!([id.as_str(), { "device": "phone" }])).await;
    let session = both.auth.get_session(&token(&id)).await.unwrap();
    assert_eq!(Value::Object(session.attributes), json!({ "country": "NZ", "device": "phone" }));

    both.js("invalidateSession", json!([id.as_str()])).await;
    assert!(both.auth.validate_session(&token(&id)).await.is_err() && !both.is_alive_here(&id).await);
}

#[tokio::test]
async fn sessions_of_the_store_are_valid_in_lucia_js() {
    let both = Both::start(Driver::Memory).await;
    let id = both.created_here().await;
    let session = both.js("validateSession", json!([id.as_str()])).await;
    assert_eq!((&session["user"]["userId"], &session["country"]), (&json!("ada"), &json!("NZ")));
    assert_eq!(both.listed_by_js().await, slice::from_ref(&id), "Lucia JS reads the index, which it does not write");

    both.auth.update_session_attributes(&id, &json!({ "device": "phone" })).await.unwrap();
    let session = both.js("validateSession", json!([id.as_str()])).await;
    assert_eq!((&session["country"], &session["device"]), (&json!("NZ"), &json!("phone")));

    both.auth.invalidate_session(&id).await.unwrap();
    let session = both.js("validateSession", json!([id.as_str()])).await;
    assert_eq!(session, json!({ "error": "AUTH_INVALID_SESSION_ID" }));
}

#[tokio::test]
async fn u1_sessions_of_lucia_js_are_listed_after_an_update_here() {
    let both = Both::start(Driver::Memory).await;
    let (renewed, untouched) = (both.created_by_js().await, both.created_by_js().await);
    assert_eq!(both.listed_by_js().await, [], "bug U1");
    assert_eq!(both.listed_here().await, []);

    both.auth.update_session_attributes(&renewed, &json!({ "device": "phone" })).await.unwrap();
    assert_eq!(both.listed_here().await, slice::from_ref(&renewed));
    assert_eq!(both.listed_by_js().await, slice::from_ref(&renewed));

    both.auth.invalidate_all_user_sessions(&both.user).await.unwrap();
    assert!(!both.is_alive_here(&renewed).await);
    assert!(both.is_alive_here(&untouched).await, "it is in no index");
}

#[tokio::test]
async fn lucia_js_revokes_sessions_from_here() {
    let both = Both::start(Driver::Memory).await;
    let (one, two, three) = (both.created_here().await, both.created_here().await, both.created_here().await);
    both.js("invalidateSession", json!([one.as_str()])).await;
    assert!(!both.is_alive_here(&one).await);
    let mut rest = vec![two.clone(), three.clone()];
    rest.sort();
    assert_eq!(both.listed_here().await, rest, "the index entry that Lucia JS leaves (bug U2) is ignored");

    both.js("invalidateAllUserSessions", json!(["ada"])).await;
    for id in [&two, &three] {
        assert!(!both.is_alive_here(id).await);
    }
    assert_eq!(both.listed_here().await, []);
}

#[tokio::test]
async fn u4_u5_expiries_of_lucia_js_are_corrected() {
    let both = Both::start(Driver::Redis).await;
    let id = both.created_by_js().await;
    let decades = in_seconds(50 * 365 * 24 * 3_600);
    assert!(both.expiry(&id).await.is_some_and(|expiry| expiry > decades), "bug U4");

    both.auth.update_session_attributes(&id, &json!({ "device": "phone" })).await.unwrap();
    let idle_expires = both.adapter.get_session(&id).await.unwrap().unwrap().idle_expires.get();
    let expiry = both.expiry(&id).await.expect("an expiry").get();
    assert!((idle_expires..idle_expires + 60_000).contains(&expiry), "{idle_expires} {expiry}");

    both.js("updateSessionAttributes", json!([id.as_str(), { "device": "tablet" }])).await;
    assert_eq!(both.expiry(&id).await, None, "bug U5");
    both.auth.update_session_attributes(&id, &json!({ "device": "phone" })).await.unwrap();
    assert!(both.expiry(&id).await.is_some());
}

#[tokio::test]
async fn stored_keys_and_values_are_those_of_lucia_js() {
    let both = Both::start(Driver::Memory).await;
    let (theirs, ours) = (both.created_by_js().await, both.created_here().await);
    for id in [theirs, ours] {
        let stored = both.adapter.store().get(&format!("session:{}", id.as_str())).await.unwrap().unwrap();
        let names: Vec<_> = serde_json::from_slice::<Map<String, Value>>(&stored).unwrap().into_iter().collect();
        let names: Vec<_> = names.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["country", "id", "user_id", "active_expires", "idle_expires"]);
    }
}

/// The first guide shows a list of ids for the time of each sign-in, and a list under the key of a session.
#[tokio::test]
async fn the_models_of_the_first_guide_are_read_and_rewritten() {
    for (version, driver) in
        [(NEWEST, Driver::Memory), (NEWEST, Driver::Fs), (NEWEST, Driver::Redis), (OLDEST, Driver::Memory)]
    {
        let unstorage = spawn_blocking(move || Unstorage::start(version, driver)).await.unwrap();
        let adapter = KvSessionAdapter::new(UnstorageStore::new(&unstorage.url()).unwrap());
        let put = async |key: &str, value: String| {
            let url = format!("{}/{key}", unstorage.url());
            http_client().put(url).body(value).send().await.unwrap().error_for_status().unwrap();
        };
        let sessions = ["s1", "s2"].map(|id| SessionSchema::new(id, "u1", in_seconds(60), in_seconds(120)));
        for session in &sessions {
            put(&format!("session/{}", session.id.as_str()), format!("[{}]", session.to_json())).await;
        }
        put("user_session/u1/1700000000000", r#"["s1","s2"]"#.to_owned()).await;

        for session in &sessions {
            assert_eq!(adapter.get_session(&session.id).await.unwrap().as_ref(), Some(session), "{version} {driver:?}");
        }
        let mut listed = adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap();
        listed.sort_by(|one, other| one.id.cmp(&other.id));
        assert_eq!(listed, sessions, "{version} {driver:?}");
        let mut entries = adapter.store().list("user_session:", None).await.unwrap().keys;
        entries.sort();
        assert_eq!(entries, ["user_session:u1:s1", "user_session:u1:s2"], "{version} {driver:?}");
        adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
        for session in &sessions {
            assert_eq!(adapter.get_session(&session.id).await.unwrap(), None, "{version} {driver:?}");
        }
    }
}

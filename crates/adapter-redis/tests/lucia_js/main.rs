//! Lucia JS and this adapter on one Redis server: each can use the sessions of the other.
//!
//! Node.js runs `lucia@2.7.7` with `@lucia-auth/adapter-session-redis@2.1.2` and its default prefixes.

#![expect(clippy::unwrap_used, reason = "a panic in a helper fails the test")]

mod process;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use adapter_redis::{RedisConfig, RedisSessionAdapter, SetupError, connect, redis::AsyncCommands as _};
use lucia_auth::{
    Auth, NewSession, NewUser, NoAttributes, SessionId, SessionPeriods, SessionToken, SplitAdapter, UserId,
};
use lucia_core::memory::MemoryAdapter;
use serde_json::{Map, Value, json};
use test_servers::Service;

use self::process::LuciaJs;

type Attributes = Map<String, Value>;
type LuciaRs = Auth<NoAttributes, Attributes>;

/// Both adapters, for one user.
struct Sides {
    js: LuciaJs,
    rs: LuciaRs,
    user: UserId,
    redis: Service,
}

const DAY: Duration = Duration::from_secs(86_400);
/// Sessions are idle as soon as they are created.
const AT_ONCE: Duration = Duration::ZERO;

impl Sides {
    async fn new(active: Duration) -> Self {
        let redis = test_servers::redis().unwrap();
        let connection = connect(redis.url()).await.unwrap();
        let sessions = RedisSessionAdapter::with_config(connection, RedisConfig::lucia_2()).await.unwrap();
        let rs = Auth::builder(SplitAdapter::new(MemoryAdapter::without_foreign_keys(), sessions))
            .session_attributes::<Attributes>()
            .beside_lucia_js()
            .session_expires_in(SessionPeriods { active, idle: DAY })
            .build()
            .unwrap();
        let js = LuciaJs::start(redis.url(), millis(active), millis(DAY)).unwrap();
        let user = rs.create_user(NewUser::new()).await.unwrap().id;
        js.call("createUser", json!([user.as_str()])).await.unwrap();
        Self { js, rs, user, redis }
    }

    async fn create_js(&self, attributes: Value) -> SessionId {
        let session = self.js.call("createSession", json!([self.user.as_str(), attributes])).await.unwrap();
        SessionId::new(session["sessionId"].as_str().unwrap())
    }

    async fn create_rs(&self, attributes: Value) -> SessionId {
        let session = NewSession::new(self.user.clone()).attributes(&attributes);
        self.rs.create_session(session).await.unwrap().id
    }

    async fn on_session(&self, method: &str, id: &SessionId) -> Result<Value, process::JsError> {
        self.js.call(method, json!([id.as_str()])).await
    }

    async fn list_js(&self) -> BTreeSet<String> {
        let sessions = self.js.call("getAllUserSessions", json!([self.user.as_str()])).await.unwrap();
        let id = |session: &Value| session["sessionId"].as_str().unwrap().to_owned();
        sessions.as_array().unwrap().iter().map(id).collect()
    }

    async fn list_rs(&self) -> BTreeSet<String> {
        let sessions = self.rs.get_all_user_sessions(&self.user).await.unwrap();
        sessions.into_iter().map(|session| session.id.into_string()).collect()
    }

    async fn assert_listed<'a>(&self, ids: impl IntoIterator<Item = &'a SessionId>) {
        let ids: BTreeSet<_> = ids.into_iter().map(|id| id.as_str().to_owned()).collect();
        assert_eq!(self.list_js().await, ids);
        assert_eq!(self.list_rs().await, ids);
    }

    /// Checks that neither finds the session.
    async fn assert_gone(&self, id: &SessionId) {
        let error = self.on_session("validateSession", id).await.unwrap_err();
        assert_eq!(error.code.as_deref(), Some("AUTH_INVALID_SESSION_ID"), "{}", error.message);
        assert_eq!(self.rs.validate_session(&token(id)).await.unwrap_err().code(), "AUTH_INVALID_SESSION_ID");
    }
}

/// The token of a session that is stored as Lucia JS does.
fn token(id: &SessionId) -> SessionToken {
    SessionToken::new(id.as_str())
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap()
}

/// JSON values that both languages can represent.
fn attributes() -> Value {
    json!({
        "country": "NZ", "name": "Zoë 🦀 日本語 é", "quoted": "\"\\/\u{8}\n\u{0}\u{1f}\u{2028}", "empty": "", "nothing": null,
        "yes": true, "count": 42, "negative": -7, "largest": 9_007_199_254_740_991_i64, "ratio": 0.1, "tiny": 5e-324,
        "list": [1, "two", {"three": 3}, []], "nested": {"b": {"a": null}}
    })
}

/// Returns the attributes of a session that Lucia JS returned.
fn attributes_of(mut session: Value) -> Value {
    for field in ["user", "sessionId", "activePeriodExpiresAt", "idlePeriodExpiresAt", "state", "fresh"] {
        session.as_object_mut().unwrap().remove(field);
    }
    session
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_lucia_js_are_valid_here() {
    let sides = Sides::new(DAY).await;
    let id = sides.create_js(attributes()).await;
    let theirs = sides.on_session("getSession", &id).await.unwrap();
    let ours = sides.rs.validate_session(&token(&id)).await.unwrap();
    assert_eq!((ours.user.id, ours.id, ours.fresh), (sides.user.clone(), id, false));
    assert_eq!(ours.active_period_expires_at.get(), theirs["activePeriodExpiresAt"]);
    assert_eq!(ours.idle_period_expires_at.get(), theirs["idlePeriodExpiresAt"]);
    assert_eq!(Value::from(ours.attributes), attributes());
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_the_adapter_are_valid_in_lucia_js() {
    let sides = Sides::new(DAY).await;
    let id = sides.create_rs(attributes()).await;
    let ours = sides.rs.get_session(&token(&id)).await.unwrap();
    let theirs = sides.on_session("validateSession", &id).await.unwrap();
    assert_eq!(theirs["sessionId"], id.as_str());
    assert_eq!(theirs["user"]["userId"], sides.user.as_str());
    assert_eq!((&theirs["state"], &theirs["fresh"]), (&json!("active"), &json!(false)));
    assert_eq!(theirs["activePeriodExpiresAt"], ours.active_period_expires_at.get());
    assert_eq!(theirs["idlePeriodExpiresAt"], ours.idle_period_expires_at.get());
    assert_eq!(attributes_of(theirs), attributes());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_renews_the_sessions_of_the_other() {
    let sides = Sides::new(AT_ONCE).await;
    for id in [sides.create_js(attributes()).await, sides.create_rs(attributes()).await] {
        // A session is idle from the millisecond after its creation.
        tokio::time::sleep(Duration::from_millis(5)).await;
        let before = sides.rs.get_session(&token(&id)).await.unwrap().idle_period_expires_at;
        let ours = sides.rs.validate_session(&token(&id)).await.unwrap();
        assert!(ours.fresh && ours.idle_period_expires_at > before);
        let read = sides.on_session("getSession", &id).await.unwrap();
        assert_eq!(read["idlePeriodExpiresAt"], ours.idle_period_expires_at.get());

        tokio::time::sleep(Duration::from_millis(5)).await;
        let theirs = sides.on_session("validateSession", &id).await.unwrap();
        assert_eq!(theirs["fresh"], json!(true));
        let read = sides.rs.get_session(&token(&id)).await.unwrap();
        assert!(read.idle_period_expires_at > ours.idle_period_expires_at);
        assert_eq!(read.idle_period_expires_at.get(), theirs["idlePeriodExpiresAt"]);
        assert_eq!(Value::from(read.attributes), attributes());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_updates_the_sessions_of_the_other() {
    let sides = Sides::new(DAY).await;
    for id in [sides.create_js(attributes()).await, sides.create_rs(attributes()).await] {
        let update = json!({"country": null, "nested": {"c": 1}, "by_rust": true});
        let ours = sides.rs.update_session_attributes(&id, &update).await.unwrap();
        let theirs = sides.on_session("getSession", &id).await.unwrap();
        assert_eq!(Value::from(ours.attributes), attributes_of(theirs));
        let update = json!([id.as_str(), {"country": "FR", "by_rust": null, "by_js": [1]}]);
        let theirs = sides.js.call("updateSessionAttributes", update).await.unwrap();
        let ours = sides.rs.get_session(&token(&id)).await.unwrap().attributes;
        assert_eq!((&ours["country"], &ours["by_rust"], &ours["by_js"]), (&json!("FR"), &json!(null), &json!([1])));
        assert_eq!(Value::from(ours), attributes_of(theirs));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_lists_the_sessions_of_the_other() {
    let sides = Sides::new(DAY).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(sides.create_js(json!({})).await);
        ids.push(sides.create_rs(json!({})).await);
        sides.assert_listed(&ids).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_revokes_the_sessions_of_the_other() {
    let sides = Sides::new(DAY).await;
    let (theirs, ours) = (sides.create_js(json!({})).await, sides.create_rs(json!({})).await);
    let kept = [sides.create_js(json!({})).await, sides.create_rs(json!({})).await];
    sides.rs.invalidate_session(&theirs).await.unwrap();
    sides.on_session("invalidateSession", &ours).await.unwrap();
    for id in [&theirs, &ours] {
        sides.assert_gone(id).await;
    }
    sides.assert_listed(&kept).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_revokes_all_sessions_of_both() {
    let sides = Sides::new(DAY).await;
    for by_js in [true, false] {
        let ids = [sides.create_js(json!({})).await, sides.create_rs(json!({})).await];
        if by_js {
            sides.js.call("invalidateAllUserSessions", json!([sides.user.as_str()])).await.unwrap();
        } else {
            sides.rs.invalidate_all_user_sessions(&sides.user).await.unwrap();
        }
        for id in &ids {
            sides.assert_gone(id).await;
        }
        sides.assert_listed([]).await;
    }
}

/// With the default prefixes, its sessions would be read but not listed, and a revocation of all would miss them.
#[tokio::test(flavor = "multi_thread")]
async fn the_default_prefixes_are_rejected_on_its_database() {
    let sides = Sides::new(DAY).await;
    let open = async || RedisSessionAdapter::new(connect(sides.redis.url()).await.unwrap()).await;
    let id = sides.create_js(json!({})).await;
    let refused = open().await.unwrap_err();
    assert!(matches!(refused, SetupError::OtherIndex { .. }), "{refused:?}");
    sides.on_session("invalidateSession", &id).await.unwrap();
    open().await.unwrap();
}

/// Lucia JS does not extend the expiry of an index, so its sessions would be alive but not listed once the index expired.
#[tokio::test(flavor = "multi_thread")]
async fn the_index_of_both_never_expires() {
    let sides = Sides::new(AT_ONCE).await;
    let mut redis = connect(sides.redis.url()).await.unwrap();
    let index = format!("user_sessions:{}", sides.user);
    let id = sides.create_rs(json!({})).await;
    assert_eq!(redis.ttl::<_, i64>(&index).await.unwrap(), -1);
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert!(sides.rs.validate_session(&token(&id)).await.unwrap().fresh);
    sides.assert_listed([&id]).await;
    assert_eq!(redis.ttl::<_, i64>(&index).await.unwrap(), -1);
    let other = sides.create_js(json!({})).await;
    sides.rs.invalidate_session(&id).await.unwrap();
    sides.assert_listed([&other]).await;
    assert_eq!(redis.ttl::<_, i64>(&index).await.unwrap(), -1);
}

/// Both change the sessions of one user at once; half of them are revoked by the other side.
#[tokio::test(flavor = "multi_thread")]
async fn both_change_sessions_of_one_user_in_parallel() {
    let sides = Arc::new(Sides::new(DAY).await);
    let tasks: Vec<_> = (0..16).map(|task| tokio::spawn(live(Arc::clone(&sides), task))).collect();
    let mut kept = Vec::new();
    for task in tasks {
        kept.extend(task.await.unwrap());
    }
    assert_eq!(kept.len(), 16 * 10);
    sides.assert_listed(&kept).await;
    sides.rs.invalidate_all_user_sessions(&sides.user).await.unwrap();
    sides.assert_listed([]).await;
}

async fn live(sides: Arc<Sides>, task: usize) -> Vec<SessionId> {
    let mut kept = Vec::new();
    for round in 0..20 {
        let by_js = (task + round).is_multiple_of(2);
        let attributes = json!({"task": task, "round": round});
        let id = if by_js { sides.create_js(attributes).await } else { sides.create_rs(attributes).await };
        let ours = sides.rs.validate_session(&token(&id)).await.unwrap();
        let theirs = sides.on_session("validateSession", &id).await.unwrap();
        assert_eq!((ours.attributes["round"].clone(), theirs["round"].clone()), (json!(round), json!(round)));
        if round % 4 < 2 {
            kept.push(id);
        } else if by_js {
            sides.rs.invalidate_session(&id).await.unwrap();
            sides.assert_gone(&id).await;
        } else {
            sides.on_session("invalidateSession", &id).await.unwrap();
            sides.assert_gone(&id).await;
        }
    }
    kept
}

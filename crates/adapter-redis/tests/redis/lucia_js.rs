//! Keys exactly as `@lucia-auth/adapter-session-redis` 2.1.2 stores them.

use adapter_redis::{RedisConfig, RedisSessionAdapter};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionSchema, SessionUpdate, UnixMillis, UserId};
use serde_json::Value;

use crate::place::{Place, assert_kind, attribute, hours, id, session};

fn fixture() -> Value {
    serde_json::from_str(include_str!("fixtures/lucia_js.json")).unwrap()
}

/// A recorded state of a database under unique prefixes, and an adapter for it.
struct State {
    place: Place,
    adapter: RedisSessionAdapter<redis::aio::ConnectionManager>,
    sessions: Vec<SessionSchema>,
    /// All users with an index.
    users: Vec<UserId>,
}

impl State {
    async fn load(state: &Value) -> Self {
        let place = Place::new().await;
        let names = &state["prefixes"];
        let session = names["session"].as_str().unwrap_or("session");
        let index = names["userSessions"].as_str().unwrap_or("user_sessions");
        let config = RedisConfig::lucia_2()
            .session_prefix(format!("{}:{session}", place.name))
            .user_sessions_prefix(format!("{}:{index}", place.name));
        let (mut sessions, mut users) = (Vec::new(), Vec::new());
        for (key, stored) in state["keys"].as_object().unwrap() {
            let key = format!("{}:{key}", place.name);
            if let Some(json) = stored["string"].as_str() {
                place.run::<()>("SET", &key, json).await;
                place.run::<i64>("EXPIREAT", &key, stored["expires"].as_i64().unwrap()).await;
                sessions.push(SessionSchema::from_json(json.as_bytes()).unwrap());
            }
            if stored["set"].is_array() {
                users.push(UserId::from(key.split_once(&format!(":{index}:")).unwrap().1));
            }
            for member in stored["set"].as_array().into_iter().flatten() {
                place.run::<i64>("SADD", &key, member.as_str().unwrap()).await;
            }
        }
        let adapter = RedisSessionAdapter::with_config(place.connections(), config).await.unwrap();
        Self { place, adapter, sessions, users }
    }

    fn of(&self, user: &UserId) -> Vec<SessionSchema> {
        let mut sessions: Vec<_> = self.sessions.iter().filter(|session| session.user_id == *user).cloned().collect();
        sessions.sort_by(|one, other| one.id.cmp(&other.id));
        sessions
    }

    async fn listed(&self, user: &UserId) -> Vec<SessionSchema> {
        let mut sessions = self.adapter.get_sessions_by_user_id(user).await.unwrap();
        sessions.sort_by(|one, other| one.id.cmp(&other.id));
        sessions
    }
}

#[tokio::test]
async fn data_of_lucia_js_is_read_listed_updated_and_revoked() {
    let states = fixture()["states"].as_array().unwrap().clone();
    assert!(states.len() >= 6);
    for state in &states {
        let mut state = State::load(state).await;
        assert!(state.sessions.len() >= 3);
        for stored in state.sessions.clone() {
            assert_eq!(state.adapter.get_session(&stored.id).await.unwrap().as_ref(), Some(&stored));
            assert_eq!(state.listed(&stored.user_id).await, state.of(&stored.user_id));
        }
        for stored in &mut state.sessions {
            let renewal = SessionUpdate::renewal(hours(2), hours(20));
            let change = SessionUpdate::default().with_attributes(attribute("country", "NZ")).unwrap();
            for update in [renewal, change] {
                state.adapter.update_session(&stored.id, &update).await.unwrap();
                stored.apply(&update);
                assert_eq!(state.adapter.get_session(&stored.id).await.unwrap().as_ref(), Some(&*stored));
            }
        }
        for stored in &state.sessions {
            assert_eq!(state.listed(&stored.user_id).await, state.of(&stored.user_id));
        }
        // A reused id is in two indexes (bug R5).
        for user in &state.users {
            state.adapter.delete_sessions_by_user_id(user).await.unwrap();
        }
        for stored in &state.sessions {
            assert_eq!(state.adapter.get_session(&stored.id).await.unwrap(), None);
        }
        let left: Vec<String> = state.place.query(redis::cmd("KEYS").arg(format!("{}:*", state.place.name))).await;
        assert_eq!(left, [] as [String; 0]);
    }
}

/// Lucia writes attributes first. The adapter writes the same bytes.
#[tokio::test]
async fn stored_sessions_are_the_bytes_of_lucia_js() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let json = r#"{"country":"XX","name":"Zoë 🦀 日本語 é","nothing":null,"nested":{"b":[1,"two",{"three":3}],"a":{"deep":true}},"float":3.141592653589793,"ratio":0.1,"bool":true,"off":false,"int":42,"neg":-7,"empty":"","arr":[],"esc":"\"\\/\b\f\n\r\t\u0000\u001f","id":"s","user_id":"us:er/5","active_expires":4102444800999,"idle_expires":4103654400999}"#;
    let stored = SessionSchema::from_json(json.as_bytes()).unwrap();
    adapter.set_session(&stored).await.unwrap();
    let bytes: String = place.run("GET", &place.session_key("s"), &[] as &[&str]).await;
    assert_eq!(bytes, json);
    assert_eq!(place.index("us:er/5").await, ["s"]);
    // A renewal changes only the times.
    let renewal = SessionUpdate::renewal(UnixMillis::new(4_202_444_800_000), UnixMillis::new(4_203_654_400_001));
    adapter.update_session(&id("s"), &renewal).await.unwrap();
    let bytes: String = place.run("GET", &place.session_key("s"), &[] as &[&str]).await;
    assert_eq!(bytes, json.replace("4102444800999", "4202444800000").replace("4103654400999", "4203654400001"));
}

/// Lucia JS adds to an index without setting its expiry.
#[tokio::test]
async fn an_index_shared_with_lucia_js_never_expires() {
    let place = Place::new().await;
    let config = place.config().user_sessions_expire(false);
    let adapter = RedisSessionAdapter::with_config(place.connections(), config).await.unwrap();
    adapter.set_session(&session("a", "u")).await.unwrap();
    assert_eq!(place.expiry(&place.user_sessions_key("u")).await, -1);
    // An adapter whose indexes expire has set an expiry.
    place.run::<i64>("EXPIRE", &place.user_sessions_key("u"), 60).await;
    adapter.update_session(&id("a"), &SessionUpdate::renewal(hours(2), hours(20))).await.unwrap();
    assert_eq!(place.expiry(&place.user_sessions_key("u")).await, -1);
    place.run::<i64>("EXPIRE", &place.user_sessions_key("u"), 60).await;
    adapter.set_session(&session("b", "u")).await.unwrap();
    assert_eq!(place.expiry(&place.user_sessions_key("u")).await, -1);
}

#[tokio::test]
async fn values_that_lucia_js_fails_on_are_typed_errors() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let malformed = fixture()["malformed"].as_array().unwrap().clone();
    assert!(malformed.len() >= 7);
    for value in malformed {
        place.run::<()>("SET", &place.session_key("m"), value.as_str().unwrap()).await;
        assert_kind(adapter.get_session(&id("m")).await, Kind::Decode);
        adapter.delete_session(&id("m")).await.unwrap();
        assert!(!place.exists(&place.session_key("m")).await);
    }
}

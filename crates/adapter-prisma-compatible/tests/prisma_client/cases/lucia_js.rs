//! Cases of Lucia JS with its Prisma adapter and `lucia-auth` with this crate on one database.

use std::{sync::Arc, time::Duration};

use adapter_prisma_compatible::{Attribute, PrismaConfig, Table};
use futures_util::future::{join, join_all};
use lucia_auth::{Auth, Error, NewKey, NewSession, NewUser, SessionState};
use lucia_core::{Clock as _, ManualClock, SystemClock, UnixMillis, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::lists;
use crate::{client::Client, database::Database, provider::Provider};

const DAY: Duration = Duration::from_secs(86_400);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Profile {
    username: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Visit {
    country: Option<String>,
}

/// `lucia-auth` (here) and Lucia JS (there) on one database.
struct Both {
    here: Auth<Profile, Visit>,
    clock: Arc<ManualClock>,
    there: There,
    database: Database,
}

/// Lucia JS, which uses the system clock.
struct There {
    client: Client,
    models: Value,
}

impl There {
    fn call(&mut self, method: &str, arguments: &Value) -> Value {
        self.try_call(method, arguments).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    fn try_call(&mut self, method: &str, arguments: &Value) -> Result<Value, String> {
        self.client.lucia(&self.models, method, arguments)
    }

    fn create_user(&mut self, name: &str, password: &str) -> UserId {
        let key = json!({"providerId": "username", "providerUserId": name, "password": password});
        let user = self.call("createUser", &json!([{"key": key, "attributes": {"username": name}}]));
        assert_eq!(user["username"], name);
        user["userId"].as_str().unwrap().into()
    }

    fn create_session(&mut self, user_id: &UserId) -> String {
        let session = json!({"userId": user_id.as_str(), "attributes": {"country": "NZ"}});
        self.call("createSession", &json!([session]))["sessionId"].as_str().unwrap().to_owned()
    }

    fn signs_in(&mut self, name: &str, password: &str) -> Result<String, String> {
        let key = self.try_call("useKey", &json!(["username", name, password]))?;
        Ok(key["userId"].as_str().unwrap().to_owned())
    }
}

fn default_mode() -> PrismaConfig {
    PrismaConfig::default()
        .user(Table::named("User").attribute("username", Attribute::string().unique()))
        .session(Table::named("Session").attribute("country", Attribute::string().optional()))
}

async fn both(provider: Provider, config: PrismaConfig, models: Value) -> Both {
    let database = Database::with_tables(provider, &config).await;
    both_on(database, config, models).await
}

async fn both_on(database: Database, config: PrismaConfig, models: Value) -> Both {
    let adapter = database.adapter(config).await;
    let clock = Arc::new(ManualClock::new(SystemClock.now()));
    let here = Auth::builder(adapter)
        .user_attributes::<Profile>()
        .session_attributes::<Visit>()
        .beside_lucia_js()
        .clock(Arc::clone(&clock))
        .build()
        .unwrap();
    Both { here, clock, there: There { client: database.client(), models }, database }
}

fn millis(time: &Value) -> UnixMillis {
    let time: jiff::Timestamp = time["$date"].as_str().unwrap().parse().unwrap();
    UnixMillis::new(time.as_millisecond())
}

pub(super) async fn accounts_of_lucia_js_work_here(provider: Provider) {
    created_there(both(provider, default_mode(), Value::Null).await).await;
}

async fn created_there(Both { here, clock, mut there, database: _database }: Both) {
    let ada = there.create_user("ada", "correct horse");
    there.call(
        "createKey",
        &json!([{"userId": ada.as_str(), "providerId": "github", "providerUserId": "a:1", "password": null}]),
    );

    assert_eq!(here.get_user(&ada).await.unwrap().attributes.username, "ada");
    assert_eq!(here.use_key_with_password(("username", "ada"), "correct horse").await.unwrap().user_id, ada);
    assert!(matches!(here.use_key_with_password(("username", "ada"), "wrong").await, Err(Error::InvalidPassword)));
    let github = here.get_key(("github", "a:1")).await.unwrap();
    assert_eq!((github.user_id, github.password_defined), (ada.clone(), false));

    // A session is active on both sides.
    let id = there.create_session(&ada);
    let session = here.validate_session(&id.as_str().into()).await.unwrap();
    assert_eq!((session.user.id.clone(), session.state, session.fresh), (ada.clone(), SessionState::Active, false));
    assert_eq!(session.attributes.country.as_deref(), Some("NZ"));
    let shown = there.call("validateSession", &json!([id]));
    assert_eq!(millis(&shown["activePeriodExpiresAt"]), session.active_period_expires_at);

    // The session becomes idle and is renewed here.
    clock.advance(2 * DAY);
    let renewed = here.validate_session(&id.as_str().into()).await.unwrap();
    assert!(renewed.fresh && renewed.idle_period_expires_at > session.idle_period_expires_at);
    let shown = there.call("validateSession", &json!([id]));
    assert_eq!((&shown["fresh"], &shown["state"]), (&json!(false), &json!("active")));
    assert_eq!(millis(&shown["activePeriodExpiresAt"]), renewed.active_period_expires_at);
    assert_eq!(millis(&shown["idlePeriodExpiresAt"]), renewed.idle_period_expires_at);

    // A password changed on one side is valid on the other.
    there.call("updateKeyPassword", &json!(["username", "ada", "battery staple"]));
    assert!(matches!(
        here.use_key_with_password(("username", "ada"), "correct horse").await,
        Err(Error::InvalidPassword)
    ));
    assert_eq!(here.use_key_with_password(("username", "ada"), "battery staple").await.unwrap().user_id, ada);
    here.update_key_password(("username", "ada"), None).await.unwrap();
    assert_eq!(there.signs_in("ada", "battery staple"), Err("AUTH_INVALID_PASSWORD".into()));

    // Sessions are revoked here, singly and together.
    let others = [there.create_session(&ada), there.create_session(&ada)];
    here.invalidate_session(&id.as_str().into()).await.unwrap();
    assert_eq!(there.try_call("validateSession", &json!([id])), Err("AUTH_INVALID_SESSION_ID".into()));
    assert_eq!(here.get_all_user_sessions(&ada).await.unwrap().len(), 2);
    here.invalidate_all_user_sessions(&ada).await.unwrap();
    for other in others {
        assert_eq!(there.try_call("validateSession", &json!([other])), Err("AUTH_INVALID_SESSION_ID".into()));
    }

    here.delete_user(&ada).await.unwrap();
    assert_eq!(there.try_call("getUser", &json!([ada.as_str()])), Err("AUTH_INVALID_USER_ID".into()));
    assert_eq!(there.try_call("getKey", &json!(["github", "a:1"])), Err("AUTH_INVALID_KEY_ID".into()));
}

pub(super) async fn accounts_created_here_work_in_lucia_js(provider: Provider) {
    let both = both(provider, default_mode(), Value::Null).await;
    created_here(both).await;
}

pub(super) async fn accounts_are_shared_under_other_names(provider: Provider) {
    let config = PrismaConfig::lucia_sql()
        .user(Table::named("auth_user").attribute("username", Attribute::string().unique()))
        .session(Table::named("user_session").attribute("country", Attribute::string().optional()));
    let models = json!({"user": "authUser", "session": "userSession", "key": "userKey"});
    created_here(both(provider, config, models).await).await;
}

/// The tables are those of Lucia's guide for Drizzle, in which better-sqlite3 stores times as doubles.
pub(super) async fn accounts_are_shared_with_the_sqlite_adapter_of_lucia_js(provider: Provider) {
    const TABLES: &str = "
        CREATE TABLE user (id text PRIMARY KEY NOT NULL, username text NOT NULL UNIQUE);
        CREATE TABLE user_session (id text PRIMARY KEY NOT NULL, user_id text NOT NULL, active_expires blob NOT NULL,
            idle_expires blob NOT NULL, country text, FOREIGN KEY (user_id) REFERENCES user(id));
        CREATE TABLE user_key (id text PRIMARY KEY NOT NULL, user_id text NOT NULL, hashed_password text,
            FOREIGN KEY (user_id) REFERENCES user(id))";
    let on_tables = async || {
        let database = Database::empty(provider).await;
        database.run(TABLES).await;
        let config = PrismaConfig::lucia_sql().user(Table::named("user")).password_hash_length(148);
        let tables = json!({"tables": {"user": "user", "session": "user_session", "key": "user_key"}});
        both_on(database, config, tables).await
    };
    created_here(on_tables().await).await;
    created_there(on_tables().await).await;

    let Both { here, mut there, database, .. } = on_tables().await;
    let ada = there.create_user("ada", "correct horse");
    let session = there.create_session(&ada);
    let classes = "SELECT typeof(active_expires), typeof(idle_expires) FROM user_session";
    assert_eq!(database.rows(classes).await, [["real", "real"]]);
    assert_eq!(here.validate_session(&session.as_str().into()).await.unwrap().user.id, ada);
}

async fn created_here(Both { here, clock, mut there, database: _database }: Both) {
    let new_user = |name: &str| {
        let profile = Profile { username: name.to_owned() };
        NewUser::new().key(NewKey::with_password(("username", name), "correct horse")).attributes(&profile)
    };
    let grace = here.create_user(new_user("grace")).await.unwrap().id;
    here.create_key(&grace, NewKey::new(("github", "a:1"))).await.unwrap();

    assert_eq!(there.signs_in("grace", "correct horse").as_deref(), Ok(grace.as_str()));
    assert_eq!(there.signs_in("grace", "wrong"), Err("AUTH_INVALID_PASSWORD".into()));
    assert_eq!(there.call("getUser", &json!([grace.as_str()])), json!({"username": "grace", "userId": grace.as_str()}));
    let keys = there.call("getAllUserKeys", &json!([grace.as_str()]));
    let defined = |key: &Value| (key["providerUserId"].as_str().unwrap().to_owned(), key["passwordDefined"] == true);
    let mut keys: Vec<_> = keys.as_array().unwrap().iter().map(defined).collect();
    keys.sort();
    assert_eq!(keys, [("a:1".into(), false), ("grace".into(), true)]);

    // Duplicates are rejected on both sides.
    let visit = Visit { country: Some("NZ".into()) };
    let taken = here.create_key(&grace, NewKey::new(("username", "grace"))).await;
    assert!(matches!(taken, Err(Error::DuplicateKeyId { .. })), "{taken:?}");
    let key = json!({"userId": grace.as_str(), "providerId": "github", "providerUserId": "a:1", "password": null});
    assert!(there.try_call("createKey", &json!([key])).is_err());

    // A session is active on both sides.
    let active = here.create_session(NewSession::new(grace.clone()).attributes(&visit)).await.unwrap();
    let id = active.id.as_str().to_owned();
    let shown = there.call("validateSession", &json!([id]));
    assert_eq!((&shown["state"], &shown["country"]), (&json!("active"), &json!("NZ")));
    assert_eq!((&shown["user"]["username"], &shown["user"]["userId"]), (&json!("grace"), &json!(grace.as_str())));
    assert_eq!(millis(&shown["idlePeriodExpiresAt"]), active.idle_period_expires_at);

    // A session created two days ago is idle, and is renewed there.
    let present = clock.now();
    clock.set(UnixMillis::new(present.get() - 2 * 86_400_000));
    let idle = here.create_session(NewSession::new(grace.clone()).attributes(&Visit { country: None })).await.unwrap();
    clock.set(present);
    let renewed = there.call("validateSession", &json!([idle.id.as_str()]));
    assert_eq!((&renewed["fresh"], &renewed["country"]), (&json!(true), &Value::Null));
    let session = here.validate_session(&idle.token).await.unwrap();
    assert_eq!((session.state, session.fresh), (SessionState::Active, false));
    assert_eq!(millis(&renewed["activePeriodExpiresAt"]), session.active_period_expires_at);
    assert_eq!(millis(&renewed["idlePeriodExpiresAt"]), session.idle_period_expires_at);

    // A session created a month ago has expired on both sides.
    clock.set(UnixMillis::new(present.get() - 30 * 86_400_000));
    let expired = here.create_session(NewSession::new(grace.clone()).attributes(&visit)).await.unwrap();
    clock.set(present);
    let expired_id = expired.id.as_str();
    assert_eq!(there.try_call("validateSession", &json!([expired_id])), Err("AUTH_INVALID_SESSION_ID".into()));
    assert!(matches!(here.validate_session(&expired.token).await, Err(Error::InvalidSessionId { .. })));

    // Each side reads the attributes that the other changed.
    there.call("updateUserAttributes", &json!([grace.as_str(), {"username": "grace h."}]));
    assert_eq!(here.get_user(&grace).await.unwrap().attributes.username, "grace h.");
    here.update_session_attributes(&active.id, &Visit { country: None }).await.unwrap();
    assert_eq!(there.call("getSession", &json!([id]))["country"], Value::Null);

    // Sessions are revoked there, singly and together.
    there.call("invalidateSession", &json!([id]));
    assert!(matches!(here.validate_session(&active.token).await, Err(Error::InvalidSessionId { .. })));
    there.call("invalidateAllUserSessions", &json!([grace.as_str()]));
    assert!(matches!(here.validate_session(&idle.token).await, Err(Error::InvalidSessionId { .. })));

    there.call("deleteUser", &json!([grace.as_str()]));
    assert!(matches!(here.get_user(&grace).await, Err(Error::InvalidUserId { .. })));
    assert!(matches!(here.get_key(("github", "a:1")).await, Err(Error::InvalidKeyId { .. })));
    here.create_user(new_user("grace")).await.unwrap();
}

/// Five concurrent sign-ups on each side use the same key id: one succeeds, and the others leave no user.
pub(super) async fn concurrent_sign_ups_on_both_sides_create_one_user(provider: Provider) {
    let Both { here, mut there, database, .. } = both(provider, default_mode(), Value::Null).await;
    for round in 0..5 {
        let name = format!("round {round}");
        let ours = (0..5).map(|number| {
            let profile = Profile { username: format!("{name}, here {number}") };
            let user = NewUser::new().key(NewKey::new(("github", name.clone()))).attributes(&profile);
            here.create_user(user)
        });
        let theirs = {
            let name = name.clone();
            tokio::task::spawn_blocking(move || {
                let key = json!({"providerId": "github", "providerUserId": name, "password": null});
                let sign_up = |number| {
                    let attributes = json!({"username": format!("{name}, there {number}")});
                    there.try_call("createUser", &json!([{"key": key, "attributes": attributes}]))
                };
                let results: Vec<_> = (0..5).map(sign_up).collect();
                (there, results)
            })
        };
        let (ours, theirs) = join(join_all(ours), theirs).await;
        let results;
        (there, results) = theirs.unwrap();

        let won_here = ours.iter().flatten().map(|user| user.id.as_str().to_owned());
        let won_there = results.iter().flatten().map(|user| user["userId"].as_str().unwrap().to_owned());
        let winners: Vec<_> = won_here.chain(won_there).collect();
        assert_eq!(winners.len(), 1, "{ours:?} {results:?}");
        assert!(ours.iter().all(|result| matches!(result, Ok(_) | Err(Error::DuplicateKeyId { .. }))), "{ours:?}");
        assert_eq!(here.get_key(("github", &name)).await.unwrap().user_id.as_str(), winners[0]);
        assert_eq!(database.stored("User", "id", "").await.len(), round + 1);
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Tags {
    strings: Vec<String>,
    ints: Vec<i32>,
    roles: Vec<String>,
}

/// Lists of Postgres are arrays on both sides.
pub(super) async fn lists_are_attributes_on_both_sides(provider: Provider) {
    let database = Database::with_tables(provider, &lists::declared()).await;
    let adapter = database.adapter(lists::declared()).await;
    let here = Auth::builder(adapter).user_attributes::<Tags>().build().unwrap();
    let models = json!({"user": "listed", "session": "session", "key": "key"});
    let mut there = There { client: database.client(), models };
    let tags = || Tags { strings: vec!["a".into(), "b,\"c\"".into()], ints: vec![1, -2], roles: vec!["SUPER".into()] };

    let made = there.call("createUser", &json!([{"key": null, "attributes": tags()}]));
    assert_eq!(here.get_user(&made["userId"].as_str().unwrap().into()).await.unwrap().attributes, tags());
    let made = here.create_user(NewUser::new().attributes(&tags())).await.unwrap().id;
    let read = there.call("getUser", &json!([made.as_str()]));
    assert_eq!(serde_json::from_value::<Tags>(read).unwrap(), tags());
    there.call("updateUserAttributes", &json!([made.as_str(), {"strings": [], "roles": ["USER", "ADMIN"]}]));
    let changed = Tags { strings: Vec::new(), roles: vec!["USER".into(), "ADMIN".into()], ..tags() };
    assert_eq!(here.get_user(&made).await.unwrap().attributes, changed);
}

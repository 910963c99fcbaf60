//! The bare keys of Lucia JS 1.0, in one database with tokens and counters: no id of a session or a user is the key of one of
//! those, no id of a session is that of an index, and no id of a user is that of a session.

use std::{error::Error as _, time::Duration};

use adapter_redis::{
    Connections, RedisConfig, RedisSessionAdapter, RedisTokenAdapter,
    redis::{Cmd, FromRedisValue, cmd},
};
use lucia_core::{
    AdapterError, AdapterErrorKind as Kind, Attributes, Clock as _, SessionAdapter, SessionId, SessionSchema,
    SessionUpdate, SystemClock, TokenAdapter, TokenKind, TokenSchema, UnixMillis,
};

const KIND: TokenKind = TokenKind::from_static("password_reset");
const HOUR: Duration = Duration::from_secs(3_600);

fn hours(hours: u32) -> UnixMillis {
    SystemClock.now().saturating_add(HOUR * hours)
}

fn session(id: &str, user_id: &str) -> SessionSchema {
    SessionSchema::new(id, user_id, hours(1), hours(10))
}

/// Sessions with bare keys, beside other records.
struct Bare<C> {
    connections: C,
    sessions: RedisSessionAdapter<C>,
    name: String,
    /// The keys of the other records, and some without a record.
    keys: Vec<String>,
    before: Vec<Option<Vec<u8>>>,
}

impl<C: Connections + Clone> Bare<C> {
    /// Creates a token of the user `{name}`, one that was taken, a counter, and a session of another program under the key
    /// of a token.
    async fn new(connections: C, name: &str) -> Self {
        let sessions = RedisSessionAdapter::with_config(connections.clone(), RedisConfig::lucia_1()).await.unwrap();
        let tokens = RedisTokenAdapter::with_config(connections.clone(), RedisConfig::lucia_1()).await.unwrap();
        let taken = format!("{name}-taken");
        for id in [name, &taken] {
            tokens.set_token(&TokenSchema::new(id, KIND, hours(1)).with_user_id(name)).await.unwrap();
        }
        tokens.take_token(&KIND, &taken.as_str().into()).await.unwrap().unwrap();
        tokens.add_to_counter(name, 1, HOUR, SystemClock.now()).await.unwrap();
        let foreign = format!("token:{name}-foreign");
        let others = ["token", "userToken", "counter"];
        let present = others.map(|prefix| format!("{prefix}:{name}"));
        let absent = others.map(|prefix| format!("{prefix}:{name}-absent"));
        let keys = present.into_iter().chain([format!("token:{taken}"), foreign.clone()]).chain(absent).collect();
        let mut bare = Self { connections, sessions, name: name.to_owned(), keys, before: Vec::new() };
        bare.run::<()>(cmd("SET").arg(&foreign).arg(session(&foreign, name).to_json())).await;
        bare.before = bare.others().await;
        assert_eq!(bare.before.iter().flatten().count(), 5, "the others are absent");
        bare
    }

    /// Creates the indexes of two users, one of which an old release wrote, and records of other programs: a hash, strings
    /// that are not sessions, and a copy of a session.
    async fn with_indexes(connections: C, name: &str) -> Self {
        let sessions = RedisSessionAdapter::with_config(connections.clone(), RedisConfig::lucia_1()).await.unwrap();
        let keys = ["set", "list", "hash", "text", "number", "json", "array", "copy", "partial"];
        let keys = keys.map(|kind| format!("{name}-{kind}"));
        let mut bare = Self { connections, sessions, name: name.to_owned(), keys: keys.to_vec(), before: Vec::new() };
        bare.sessions.set_session(&session(&format!("{name}-theirs"), &keys[0])).await.unwrap();
        bare.run::<i64>(cmd("LPUSH").arg(&keys[1]).arg(format!("{name}-old"))).await;
        bare.run::<i64>(cmd("HSET").arg(&keys[2]).arg("field").arg("value")).await;
        let of_list = session(&format!("{name}-old"), &keys[1]).to_json();
        let partial = format!(r#"{{"id":"{}","active_expires":1,"idle_expires":2}}"#, keys[8]);
        let named = format!(r#"{{"id":7,"user_id":"{}"}}"#, keys[1]);
        for (key, value) in keys[3..].iter().zip(["{", "42", &named, r#"["id"]"#, &of_list, &partial]) {
            bare.run::<()>(cmd("SET").arg(key).arg(value)).await;
        }
        // The list contains the keys too, so that a deletion by what a value says would change it.
        bare.run::<i64>(cmd("LPUSH").arg(&keys[1]).arg(&keys[3..])).await;
        bare.before = bare.others().await;
        bare
    }

    async fn run<T: FromRedisValue>(&self, command: &Cmd) -> T {
        command.query_async(&mut self.connections.connection().await.unwrap()).await.unwrap()
    }

    /// Returns the serialized records under the keys.
    async fn others(&self) -> Vec<Option<Vec<u8>>> {
        let mut others = Vec::new();
        for key in &self.keys {
            others.push(self.run(cmd("DUMP").arg(key)).await);
        }
        others
    }

    async fn assert_others_unchanged(&self, what: &str) {
        let now = self.others().await;
        for ((key, before), now) in self.keys.iter().zip(&self.before).zip(now) {
            assert_eq!(before, &now, "{key} after {what}");
        }
    }

    /// Adds the keys to the index of the user `{name}`, as another program would.
    async fn add_entries(&self) {
        self.run::<i64>(cmd("SADD").arg(&self.name).arg(&self.keys)).await;
    }

    async fn entries(&self, user: &str) -> Vec<String> {
        self.run(cmd("SMEMBERS").arg(user)).await
    }

    /// Checks an error that names the setting but no id.
    fn assert_names_setting(&self, error: &AdapterError, kind: Kind, record: &str, key: &str) {
        assert_eq!(error.kind(), kind, "{key}: {error:?}");
        let cause = error.source().unwrap().to_string();
        let setting = match key.split_once(':').unwrap().0 {
            "token" => "`token_prefix`",
            "userToken" => "`user_tokens_prefix`",
            _ => "`counter_prefix`",
        };
        assert!(cause.contains(setting) && cause.contains(record), "{key}: {cause}");
        assert!(!format!("{error} {error:?} {cause}").contains(&self.name), "{key}: {error:?}");
    }
}

pub(crate) async fn no_session_has_the_key_of_another_record(connections: impl Connections + Clone, name: &str) {
    let bare = Bare::new(connections, name).await;
    let (sessions, owner) = (&bare.sessions, format!("{name}-u"));
    let real = session(&format!("{name}-s"), &owner);
    sessions.set_session(&real).await.unwrap();
    let change = SessionUpdate::default().with_attributes(Attributes::from([("country", "NZ")])).unwrap();
    for key in &bare.keys {
        let (id, new) = (key.as_str().into(), format!("{name}-new").into());
        assert_eq!(sessions.get_session(&id).await.unwrap(), None, "{key}");
        let both = [id.clone(), real.id.clone()];
        assert_eq!(sessions.get_sessions(&both).await.unwrap(), std::slice::from_ref(&real), "{key}");
        assert_eq!(sessions.get_sessions(&both[..1]).await.unwrap(), [], "{key}");
        assert_eq!(sessions.get_first_session(&both).await.unwrap().as_ref(), Some(&real), "{key}");
        sessions.delete_session(&id).await.unwrap();
        bare.assert_others_unchanged("delete_session").await;
        for update in [SessionUpdate::default(), SessionUpdate::renewal(hours(2), hours(20)), change.clone()] {
            let error = sessions.update_session(&id, &update).await.unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidSessionId, "{key}: {error:?}");
            let error = sessions.rotate_session(&id, &new, &update).await.unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidSessionId, "{key}: {error:?}");
        }
        let error = sessions.rotate_session(&real.id, &id, &change).await.unwrap_err();
        bare.assert_names_setting(&error, Kind::UnsupportedId, "session id", key);
        let error = sessions.set_session(&session(key, &owner)).await.unwrap_err();
        bare.assert_names_setting(&error, Kind::UnsupportedId, "session id", key);
        bare.assert_others_unchanged("writing").await;
        assert_eq!(sessions.get_session(&new).await.unwrap(), None, "{key}");
    }
    assert_eq!(sessions.get_session(&real.id).await.unwrap().as_ref(), Some(&real));
    assert_eq!(bare.entries(&owner).await, [real.id.as_str()]);
}

pub(crate) async fn no_user_has_the_key_of_another_record(connections: impl Connections + Clone, name: &str) {
    let bare = Bare::new(connections, name).await;
    let (sessions, new) = (&bare.sessions, format!("{name}-new"));
    for key in &bare.keys {
        let (user, id) = (key.as_str().into(), new.as_str().into());
        assert_eq!(sessions.get_sessions_by_user_id(&user).await.unwrap(), [], "{key}");
        sessions.delete_sessions_by_user_id(&user).await.unwrap();
        sessions.delete_other_sessions(&user, &id).await.unwrap();
        sessions.delete_oldest_sessions(&user, &id, "created_at", 1).await.unwrap();
        let error = sessions.set_session(&session(&new, key)).await.unwrap_err();
        bare.assert_names_setting(&error, Kind::UnsupportedId, "user id", key);
        assert_eq!(sessions.get_session(&id).await.unwrap(), None, "{key}");
    }
    bare.assert_others_unchanged("the operations on a user").await;
}

pub(crate) async fn no_entry_leads_to_another_record(connections: impl Connections + Clone, name: &str) {
    no_entry_leads_to_others(Bare::new(connections.clone(), name).await).await;
    no_entry_leads_to_others(Bare::with_indexes(connections, &format!("{name}-other")).await).await;
}

async fn no_entry_leads_to_others(bare: Bare<impl Connections + Clone>) {
    let name = bare.name.as_str();
    let (sessions, owner) = (&bare.sessions, name.into());
    let real = session(&format!("{name}-s"), name);
    sessions.set_session(&real).await.unwrap();

    bare.add_entries().await;
    sessions.delete_oldest_sessions(&owner, &real.id, "created_at", 1).await.unwrap();
    bare.assert_others_unchanged("delete_oldest_sessions").await;
    assert_eq!(sessions.get_sessions_by_user_id(&owner).await.unwrap(), std::slice::from_ref(&real));
    bare.assert_others_unchanged("get_sessions_by_user_id").await;
    assert_eq!(bare.entries(name).await, [real.id.as_str()], "the other entries are removed");

    bare.add_entries().await;
    sessions.delete_other_sessions(&owner, &real.id).await.unwrap();
    bare.assert_others_unchanged("delete_other_sessions").await;
    assert_eq!(bare.entries(name).await, [real.id.as_str()]);
    assert_eq!(sessions.get_session(&real.id).await.unwrap().as_ref(), Some(&real));

    bare.add_entries().await;
    sessions.delete_sessions_by_user_id(&owner).await.unwrap();
    bare.assert_others_unchanged("delete_sessions_by_user_id").await;
    assert!(bare.entries(name).await.is_empty());
    assert_eq!(sessions.get_session(&real.id).await.unwrap(), None);
}

/// A revocation of all sessions of the user could not find it.
pub(crate) async fn a_stored_session_of_such_a_user_is_an_error(connections: impl Connections + Clone, name: &str) {
    let bare = Bare::new(connections, name).await;
    let sessions = &bare.sessions;
    for key in &bare.keys {
        let (old, new) = (session(&format!("{name}-old"), key), format!("{name}-new").into());
        bare.run::<()>(cmd("SET").arg(old.id.as_str()).arg(old.to_json())).await;
        let error = sessions.get_session(&old.id).await.unwrap_err();
        bare.assert_names_setting(&error, Kind::Decode, "user id", key);
        let change = SessionUpdate::default().with_attributes(Attributes::from([("country", "NZ")])).unwrap();
        for update in [SessionUpdate::default(), SessionUpdate::renewal(hours(2), hours(20)), change] {
            let error = sessions.update_session(&old.id, &update).await.unwrap_err();
            bare.assert_names_setting(&error, Kind::Decode, "user id", key);
            let error = sessions.rotate_session(&old.id, &new, &update).await.unwrap_err();
            bare.assert_names_setting(&error, Kind::Decode, "user id", key);
        }
        assert_eq!(bare.run::<String>(cmd("GET").arg(old.id.as_str())).await, old.to_json(), "{key}");
        sessions.delete_session(&old.id).await.unwrap();
        assert_eq!(sessions.get_session(&old.id).await.unwrap(), None, "{key}");
        bare.assert_others_unchanged("the operations on a session").await;
    }
}

/// Whether a user has sessions is not for the owner of a cookie to learn.
pub(crate) async fn no_session_has_the_key_of_an_index(connections: impl Connections + Clone, name: &str) {
    let bare = Bare::with_indexes(connections, name).await;
    let (sessions, owner, new) = (&bare.sessions, format!("{name}-u"), format!("{name}-new").into());
    let real = session(&format!("{name}-s"), &owner);
    sessions.set_session(&real).await.unwrap();
    let change = SessionUpdate::default().with_attributes(Attributes::from([("country", "NZ")])).unwrap();
    for key in bare.keys.iter().cloned().chain([format!("{name}-absent")]) {
        let both = [key.as_str().into(), real.id.clone()];
        let id = &both[0];
        assert_eq!(sessions.get_session(id).await.unwrap(), None, "{key}");
        assert_eq!(sessions.get_sessions(&both).await.unwrap(), std::slice::from_ref(&real), "{key}");
        assert_eq!(sessions.get_sessions(&both[..1]).await.unwrap(), [], "{key}");
        assert_eq!(sessions.get_first_session(&both).await.unwrap().as_ref(), Some(&real), "{key}");
        sessions.delete_session(id).await.unwrap();
        bare.assert_others_unchanged("delete_session").await;
        for update in [SessionUpdate::default(), SessionUpdate::renewal(hours(2), hours(20)), change.clone()] {
            let error = sessions.update_session(id, &update).await.unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidSessionId, "{key}: {error:?}");
            let error = sessions.rotate_session(id, &new, &update).await.unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidSessionId, "{key}: {error:?}");
        }
        bare.assert_others_unchanged("changing").await;
    }
    for key in &bare.keys {
        let error = sessions.set_session(&session(key, &owner)).await.unwrap_err();
        assert_eq!(error.kind(), Kind::DuplicateSessionId, "{key}: {error:?}");
        let error = sessions.rotate_session(&real.id, &key.as_str().into(), &change).await.unwrap_err();
        assert_eq!(error.kind(), Kind::DuplicateSessionId, "{key}: {error:?}");
        bare.assert_others_unchanged("writing").await;
    }
    // Their own index, too, and one that does not exist yet.
    for user in [&bare.keys[0], &owner, &format!("{name}-absent")] {
        let error = sessions.set_session(&session(user, user)).await.unwrap_err();
        assert_eq!(error.kind(), Kind::UnsupportedId, "{user}: {error:?}");
        assert!(!format!("{error} {error:?} {}", error.source().unwrap()).contains(name), "{error:?}");
    }
    bare.run::<i64>(cmd("DEL").arg(&owner)).await;
    let error = sessions.rotate_session(&real.id, &owner.as_str().into(), &change).await.unwrap_err();
    assert_eq!(error.kind(), Kind::UnsupportedId, "{error:?}");
    bare.assert_others_unchanged("writing").await;
    assert_eq!(sessions.get_session(&real.id).await.unwrap().as_ref(), Some(&real));
    assert_eq!(sessions.get_session(&new).await.unwrap(), None);
}

pub(crate) async fn no_user_has_the_key_of_a_session(connections: impl Connections + Clone, name: &str) {
    let bare = Bare::with_indexes(connections, name).await;
    let (sessions, new) = (&bare.sessions, format!("{name}-new").into());
    let theirs = session(&format!("{name}-theirs"), &bare.keys[0]);
    let user = theirs.id.as_str().into();
    assert_eq!(sessions.get_sessions_by_user_id(&user).await.unwrap(), []);
    sessions.delete_sessions_by_user_id(&user).await.unwrap();
    sessions.delete_other_sessions(&user, &new).await.unwrap();
    sessions.delete_oldest_sessions(&user, &new, "created_at", 1).await.unwrap();
    let error = sessions.set_session(&session(new.as_str(), user.as_str())).await.unwrap_err();
    assert_eq!(error.kind(), Kind::UnsupportedId, "{error:?}");
    assert!(!format!("{error} {error:?} {}", error.source().unwrap()).contains(name), "{error:?}");
    assert_eq!(sessions.get_session(&new).await.unwrap(), None);
    bare.assert_others_unchanged("the operations on a user").await;
    assert!(sessions.get_session(&theirs.id).await.unwrap().is_some());

    // Another program may have overwritten an index, whose sessions a revocation would miss.
    bare.run::<()>(cmd("SET").arg(&bare.keys[0]).arg("of another application")).await;
    for user in [&bare.keys[0], &bare.keys[2]] {
        let user = user.as_str().into();
        for error in [
            sessions.get_sessions_by_user_id(&user).await.map(drop).unwrap_err(),
            sessions.delete_sessions_by_user_id(&user).await.unwrap_err(),
            sessions.delete_other_sessions(&user, &new).await.unwrap_err(),
            sessions.delete_oldest_sessions(&user, &new, "created_at", 1).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), Kind::Decode, "{error:?}");
        }
    }
}

/// Whatever has replaced the index of a user, it is the same error.
pub(crate) async fn a_key_that_is_not_an_index_is_no_place_for_a_user(
    connections: impl Connections + Clone,
    name: &str,
) {
    let bare = Bare::with_indexes(connections, name).await;
    let (sessions, new) = (&bare.sessions, SessionId::new(format!("{name}-new")));
    let change = Attributes::from([("country", "NZ")]);
    let changes = [
        SessionUpdate::renewal(hours(2), hours(20)),
        SessionUpdate::renewal(hours(2), hours(20)).with_attributes(change).unwrap(),
    ];
    for owner in &bare.keys[2..] {
        let stored = session(&format!("{name}-s"), owner);
        bare.run::<()>(cmd("SET").arg(stored.id.as_str()).arg(stored.to_json())).await;
        for error in [
            sessions.set_session(&session(new.as_str(), owner)).await.unwrap_err(),
            sessions.update_session(&stored.id, &changes[0]).await.unwrap_err(),
            sessions.update_session(&stored.id, &changes[1]).await.unwrap_err(),
            sessions.rotate_session(&stored.id, &new, &changes[0]).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), Kind::UnsupportedId, "{owner}: {error:?}");
            assert!(!format!("{error} {error:?} {}", error.source().unwrap()).contains(name), "{error:?}");
        }
        assert_eq!(sessions.get_session(&stored.id).await.unwrap().as_ref(), Some(&stored), "{owner}");
        assert_eq!(sessions.get_session(&new).await.unwrap(), None, "{owner}");
        sessions.delete_session(&stored.id).await.unwrap();
        assert_eq!(sessions.get_session(&stored.id).await.unwrap(), None, "{owner}");
        bare.assert_others_unchanged("the operations on a session").await;
    }
}

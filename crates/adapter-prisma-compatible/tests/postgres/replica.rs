//! Tests of users that are read from a replica, a hot standby whose replay is paused.

use std::time::Duration;

use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, SetupError, Table};
use lucia_auth::{Auth, NewSession};
use lucia_core::{Adapter as _, Attributes, SessionAdapter as _, UserAdapter as _, UserSchema, UserUpdate};
use sqlx::{PgPool, SqlitePool};
use test_servers::{Server, postgres_replica_server, postgres_server};

use crate::{round_trips::Line, shared::events::Events, support::session};

fn config() -> PrismaConfig {
    PrismaConfig::default().user(Table::named("User").attribute("name", Attribute::string().optional()))
}

fn named(id: &str, name: &str) -> UserSchema {
    UserSchema::new(id).with_attributes(Attributes::from([("name", name)])).unwrap()
}

/// A primary and its replica.
struct Pair {
    primary: Line,
    replica: Line,
    adapter: PrismaAdapter,
    _primary_server: Server,
    replica_server: Server,
}

impl Pair {
    async fn start() -> Self {
        let primary_server = postgres_server().unwrap().start().unwrap();
        let primary = Line::to(primary_server.port()).await;
        config().create_tables(&primary.pool).await.unwrap();
        let replica_server = postgres_replica_server(primary_server.port()).unwrap().start().unwrap();
        let replica = Line::to(replica_server.port()).await;
        let pools = (primary.pool.clone(), replica.pool.clone());
        let adapter = PrismaAdapter::with_user_replica(pools.0, pools.1, config()).await.unwrap();
        Self { primary, replica, adapter, _primary_server: primary_server, replica_server }
    }

    /// Returns the round trips of calls to both servers since the last count.
    async fn taken(&mut self) -> [u64; 2] {
        [self.primary.taken().await, self.replica.taken().await]
    }

    /// Waits until the replica has everything that the primary has.
    async fn catch_up(&self) {
        let written: String = scalar(&self.primary.pool, "SELECT pg_current_wal_lsn()::text").await;
        let replayed = "SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn";
        let is_replayed = || sqlx::query_scalar(replayed).bind(&written).fetch_one(&self.replica.pool);
        while !is_replayed().await.unwrap_or(false) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn pause(&self) {
        execute(&self.replica.pool, "SELECT pg_wal_replay_pause()").await;
        let is_paused = "SELECT pg_get_wal_replay_pause_state() = 'paused'";
        while !scalar::<bool>(&self.replica.pool, is_paused).await {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn resume(&self) {
        execute(&self.replica.pool, "SELECT pg_wal_replay_resume()").await;
        self.catch_up().await;
    }

    /// Reads a session with its user in each way, and returns the name of the user.
    async fn name(&self, session_id: &str) -> Option<String> {
        let ids = ["unknown".into(), session_id.into()];
        let one = self.adapter.get_session_and_user(&ids[1]).await.unwrap();
        assert_eq!(self.adapter.get_first_session_and_user(&ids).await.unwrap(), one);
        assert_eq!(self.adapter.get_sessions_and_users(&ids).await.unwrap().pop(), one);
        let (session, user) = one?;
        assert_eq!((session.id.as_str(), &session.user_id), (session_id, &user.id));
        user.attributes().get("name")?.as_str().map(ToOwned::to_owned)
    }
}

async fn scalar<T>(pool: &PgPool, sql: &'static str) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
{
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

async fn execute(pool: &PgPool, sql: &'static str) {
    sqlx::raw_sql(sql).execute(pool).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_replica_lets_no_revoked_session_in_and_keeps_new_ones() {
    let pair = Pair::start().await;
    for id in ["u1", "u2", "u3"] {
        pair.adapter.set_user(&named(id, "Ada"), None).await.unwrap();
        pair.adapter.set_session(&session(&format!("s{}", &id[1..]), id)).await.unwrap();
    }
    pair.catch_up().await;
    for id in ["s1", "s2", "s3"] {
        assert_eq!(pair.name(id).await.as_deref(), Some("Ada"));
    }

    pair.pause().await;
    // Revoked, and deleted with the user.
    pair.adapter.delete_session(&"s1".into()).await.unwrap();
    pair.adapter.delete_user(&"u2".into()).await.unwrap();
    assert_eq!(scalar::<i64>(&pair.replica.pool, r#"SELECT count(*) FROM "Session""#).await, 3);
    assert_eq!((pair.name("s1").await, pair.name("s2").await), (None, None));
    // A new user, and a new session of a user whom the replica has.
    pair.adapter.set_user(&named("u4", "Eve"), None).await.unwrap();
    pair.adapter.set_session_and_get_user(&session("s4", "u4")).await.unwrap();
    pair.adapter.set_session_and_get_user(&session("s5", "u1")).await.unwrap();
    assert_eq!(pair.name("s4").await.as_deref(), Some("Eve"));
    assert_eq!(pair.name("s5").await.as_deref(), Some("Ada"));
    assert!(pair.adapter.get_session(&"s4".into()).await.unwrap().is_some());
    // The attributes of the replica are old; who reads a user gets the new ones.
    let update = UserUpdate::default().with_attributes(Attributes::from([("name", "Bob")])).unwrap();
    pair.adapter.update_user(&"u3".into(), &update).await.unwrap();
    assert_eq!(pair.name("s3").await.as_deref(), Some("Ada"));
    assert_eq!(pair.adapter.get_user(&"u3".into()).await.unwrap(), Some(named("u3", "Bob")));

    pair.resume().await;
    assert_eq!(pair.name("s3").await.as_deref(), Some("Bob"));
    assert_eq!((pair.name("s1").await, pair.name("s2").await), (None, None));
    assert_eq!(pair.name("s4").await.as_deref(), Some("Eve"));
}

/// Without foreign keys, the session of a user who was deleted by other means stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_deleted_only_if_the_primary_has_no_user_for_it() {
    let pair = Pair::start().await;
    execute(&pair.primary.pool, r#"ALTER TABLE "Session" DROP CONSTRAINT "Session_user_id_fkey""#).await;
    pair.adapter.set_user(&named("u1", "Ada"), None).await.unwrap();
    pair.adapter.set_session(&session("s1", "u1")).await.unwrap();
    pair.catch_up().await;

    pair.pause().await;
    execute(&pair.primary.pool, r#"DELETE FROM "User""#).await;
    assert_eq!(pair.name("s1").await.as_deref(), Some("Ada"), "the replica has the user");
    pair.resume().await;
    assert_eq!(pair.name("s1").await, None);
    assert_eq!(pair.adapter.get_session(&"s1".into()).await.unwrap(), None);

    // The other way round: the replica has no user for a session that it has.
    pair.adapter.set_user(&named("u2", "Eve"), None).await.unwrap();
    pair.adapter.set_session(&session("s2", "u2")).await.unwrap();
    execute(&pair.primary.pool, r#"DELETE FROM "User""#).await;
    pair.catch_up().await;
    pair.pause().await;
    pair.adapter.set_user(&named("u2", "Eve"), None).await.unwrap();
    assert_eq!(pair.name("s2").await.as_deref(), Some("Eve"));
    assert!(pair.adapter.get_session(&"s2".into()).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_validation_takes_one_round_trip_to_each_server_and_another_if_the_replica_is_late() {
    let mut pair = Pair::start().await;
    let auth: Auth = Auth::builder(pair.adapter.clone()).build().unwrap();
    pair.adapter.set_user(&named("u1", "Ada"), None).await.unwrap();
    let old = auth.create_session(NewSession::new("u1")).await.unwrap();
    // Prepares the statements of both servers.
    for is_late in [false, true, false] {
        let new = auth.create_session(NewSession::new("u1")).await.unwrap();
        if is_late {
            pair.pause().await;
        }
        let late = auth.create_session(NewSession::new("u1")).await.unwrap();
        if !is_late {
            pair.catch_up().await;
        }
        for session in [&old, &new, &late] {
            auth.validate_session(&session.token).await.unwrap();
        }
        if is_late {
            pair.resume().await;
        }
    }

    pair.catch_up().await;
    pair.taken().await;
    auth.validate_session(&old.token).await.unwrap();
    assert_eq!(pair.taken().await, [1, 1]);
    pair.pause().await;
    let late = auth.create_session(NewSession::new("u1")).await.unwrap();
    pair.taken().await;
    auth.validate_session(&late.token).await.unwrap();
    assert_eq!(pair.taken().await, [2, 1]);
    auth.invalidate_session(&old.id).await.unwrap();
    pair.taken().await;
    assert!(auth.validate_session(&old.token).await.is_err());
    assert_eq!(pair.taken().await, [1, 1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_are_read_from_the_primary_if_the_replica_is_gone() {
    let mut pair = Pair::start().await;
    pair.adapter.set_user(&named("u1", "Ada"), None).await.unwrap();
    pair.adapter.set_session(&session("s1", "u1")).await.unwrap();
    pair.catch_up().await;
    assert_eq!(pair.name("s1").await.as_deref(), Some("Ada"));
    let events = Events::of(|metadata| metadata.target().starts_with("lucia_sql::adapter::user_replica"));
    let recording = events.of_this_thread();
    pair.replica_server.kill().unwrap();
    for _ in 0..2 {
        assert_eq!(pair.name("s1").await.as_deref(), Some("Ada"));
    }
    let logged = events.take();
    assert!(logged.len() == 1 && logged[0].contains("the replica failed"), "{logged:?}");
    pair.replica_server.restart().unwrap();
    pair.catch_up().await;
    for _ in 0..2 {
        assert_eq!(pair.name("s1").await.as_deref(), Some("Ada"));
    }
    assert_eq!(events.take(), ["users read from the replica again "]);
    drop(recording);
    pair.replica_server.kill().unwrap();
    pair.adapter.delete_session(&"s1".into()).await.unwrap();
    assert_eq!(pair.name("s1").await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_does_not_answer_is_not_waited_for() {
    let pair = Pair::start().await;
    pair.adapter.set_user(&named("u1", "Ada"), None).await.unwrap();
    pair.adapter.set_session(&session("s1", "u1")).await.unwrap();
    pair.catch_up().await;
    assert_eq!(pair.name("s1").await.as_deref(), Some("Ada"));
    pair.replica.proxy.set_delay(Duration::from_secs(60));
    let found = tokio::time::timeout(Duration::from_secs(20), pair.name("s1")).await;
    assert_eq!(found.unwrap().as_deref(), Some("Ada"));
}

#[tokio::test]
async fn a_replica_of_another_kind_of_database_is_rejected() {
    let server = postgres_server().unwrap().start().unwrap();
    let primary = Line::to(server.port()).await;
    config().create_tables(&primary.pool).await.unwrap();
    let primary_port = primary.proxy.port().to_string();
    let elsewhere = SqlitePool::connect("sqlite::memory:").await.unwrap();
    let error = PrismaAdapter::with_user_replica(primary.pool.clone(), elsewhere, config()).await.unwrap_err();
    assert!(matches!(error, SetupError::OtherDatabase { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("is another kind of database than the primary, Postgres at "), "{text}");
    assert!(text.starts_with("SQLite") && text.contains(&primary_port) && text.ends_with(" of the primary"), "{text}");
}

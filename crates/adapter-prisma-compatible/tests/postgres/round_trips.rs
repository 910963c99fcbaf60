//! Tests how many round trips each operation takes, counted by a proxy.

use std::time::Duration;

use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, PrismaTokenAdapter, Table, postgres, sqlx::PgPool};
use lucia_auth::{Auth, NewKey, NewSession, NewUser};
use lucia_core::{
    Adapter as _, KeyId, SessionAdapter as _, SessionScan as _, SessionUpdate, TokenAdapter as _, TokenKind,
    TokenSchema, UnixMillis, UserAdapter as _, UserSchema,
};
use test_servers::{Proxy, pgbouncer_server, postgres_server};

use crate::support::{key, session};

/// A pool with one connection through a proxy.
pub(crate) struct Line {
    pub(crate) proxy: Proxy,
    pub(crate) pool: PgPool,
    counted: u64,
}

impl Line {
    pub(crate) async fn to(port: u16) -> Self {
        let proxy = Proxy::start(port).unwrap();
        let url = format!("postgres://lucia:lucia@127.0.0.1:{}/postgres?connection_limit=1", proxy.port());
        Self { proxy, pool: postgres::connect(&url).await.unwrap(), counted: 0 }
    }

    /// Returns the number of round trips of calls since the last count.
    ///
    /// sqlx makes another round trip each time that a connection returns to its pool, after the call. Without a
    /// transaction, that is one for each statement.
    pub(crate) async fn taken(&mut self) -> u64 {
        while self.pool.num_idle() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let all = self.proxy.requests();
        let since = all - std::mem::replace(&mut self.counted, all);
        since.div_ceil(2)
    }
}

#[tokio::test]
async fn every_operation_takes_the_fewest_round_trips() {
    let server = postgres_server().unwrap().start().unwrap();
    let mut line = Line::to(server.port()).await;
    let config = PrismaConfig::default().token(Table::named("Token"));
    config.create_tables(&line.pool).await.unwrap();
    let adapter = PrismaAdapter::with_config(line.pool.clone(), config.clone()).await.unwrap();
    let tokens = PrismaTokenAdapter::with_config(line.pool.clone(), config).await.unwrap();
    let auth = Auth::builder(adapter.clone()).build().unwrap();

    // Preparing a statement takes another round trip, once for each connection.
    for prepared in [false, true] {
        let mut counts = Vec::new();
        while line.pool.num_idle() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        line.counted = line.proxy.requests();

        let key = NewKey::new(("github", if prepared { "2" } else { "1" }));
        let user = auth.create_user(NewUser::new().key(key)).await.unwrap().id;
        counts.push(("a user with a key, both or neither", 1, line.taken().await));
        let session = auth.create_session(NewSession::new(user.clone())).await.unwrap();
        counts.push(("a session, and its user", 1, line.taken().await));
        auth.validate_session(&session.token).await.unwrap();
        counts.push(("validation", 1, line.taken().await));
        let renewal = SessionUpdate::renewal(UnixMillis::new(1), session.idle_period_expires_at);
        adapter.update_session(&session.id, &renewal).await.unwrap();
        counts.push(("an update", 1, line.taken().await));
        auth.validate_session(&session.token).await.unwrap();
        counts.push(("validation of an idle session, which renews it", 2, line.taken().await));
        auth.validate_session(&session.token).await.unwrap();
        counts.push(("validation of the renewed one", 1, line.taken().await));
        adapter.get_key(&KeyId::new("github", "1").unwrap()).await.unwrap();
        counts.push(("a key", 1, line.taken().await));
        auth.invalidate_session(&session.id).await.unwrap();
        counts.push(("the end of a session, and of one with its plain id", 3, line.taken().await));
        auth.invalidate_all_user_sessions(&user).await.unwrap();
        counts.push(("the end of all", 1, line.taken().await));
        assert!(auth.validate_session(&session.token).await.is_err());
        counts.push(("an unknown session", 1, line.taken().await));
        adapter.delete_expired_sessions(UnixMillis::new(0), 100).await.unwrap();
        counts.push(("deleting expired sessions", 1, line.taken().await));
        adapter.scan_sessions(None, 100).await.unwrap();
        counts.push(("a page of sessions", 1, line.taken().await));

        let (kind, window, now) = (TokenKind::from_static("reset"), Duration::from_secs(60), UnixMillis::new(1_000));
        let token = TokenSchema::new("t1", kind.clone(), now).with_user_id(user.clone());
        tokens.set_token(&token).await.unwrap();
        counts.push(("a token", 1, line.taken().await));
        tokens.get_token(&kind, &token.id).await.unwrap().unwrap();
        counts.push(("reading a token", 1, line.taken().await));
        tokens.take_token(&kind, &token.id).await.unwrap().unwrap();
        counts.push(("taking a token", 1, line.taken().await));
        for by in [1, 1, -1, 0] {
            tokens.add_to_counter("c1", by, window, now).await.unwrap();
            counts.push(("a counter", 1, line.taken().await));
        }
        tokens.delete_tokens(Some(&kind), &user).await.unwrap();
        counts.push(("the end of a user's tokens", 1, line.taken().await));
        tokens.delete_expired_tokens(now, 100).await.unwrap();
        counts.push(("deleting expired tokens", 1, line.taken().await));
        adapter.delete_user(&user).await.unwrap();
        counts.push(("the end of a user, with keys, sessions and tokens", 1, line.taken().await));
        if prepared {
            for (what, expected, taken) in counts {
                assert_eq!(taken, expected, "{what}");
            }
        }
    }
}

/// With `pgbouncer=true`, a transaction keeps each statement on one connection of the server.
#[tokio::test]
async fn behind_pgbouncer_a_read_takes_three_round_trips_and_a_write_four() {
    let server = postgres_server().unwrap().start().unwrap();
    let pgbouncer = pgbouncer_server(server.port()).unwrap().start().unwrap();
    let proxy = Proxy::start(pgbouncer.port()).unwrap();
    let port = proxy.port();
    let url = format!("postgres://lucia:lucia@127.0.0.1:{port}/postgres?pgbouncer=true&connection_limit=1");
    let pool = postgres::connect(&url).await.unwrap();
    PrismaConfig::default().create_tables(&pool).await.unwrap();
    let adapter = PrismaAdapter::new(pool.clone()).await.unwrap();
    let idle = async || {
        while pool.num_idle() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        proxy.requests()
    };
    adapter.set_user(&UserSchema::new("u1"), None).await.unwrap();
    for _ in 0..2 {
        let before = idle().await;
        adapter.get_user(&"u1".into()).await.unwrap().unwrap();
        // Another round trip is made when the connection returns to the pool.
        assert_eq!(idle().await - before, 3 + 1);
        let before = idle().await;
        adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
        assert_eq!(idle().await - before, 4 + 1);
    }
}

/// Another round trip is made when a connection returns to the pool.
#[tokio::test]
async fn without_foreign_keys_only_the_end_of_a_user_takes_more_round_trips() {
    let server = postgres_server().unwrap().start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    let url = format!("postgres://lucia:lucia@127.0.0.1:{}/postgres?connection_limit=1", proxy.port());
    let pool = postgres::connect(&url).await.unwrap();
    let config = PrismaConfig::default().without_foreign_keys();
    config.create_tables(&pool).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool.clone(), config).await.unwrap();
    let idle = async || {
        while pool.num_idle() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        proxy.requests()
    };
    // Preparing a statement takes another round trip, once for each connection.
    for prepared in [false, true] {
        adapter.set_user(&UserSchema::new("u1"), None).await.unwrap();
        let start = idle().await;
        adapter.set_session_and_get_user(&session("s1", "u1")).await.unwrap();
        let session = idle().await;
        adapter.set_key(&key("p:u1", "u1")).await.unwrap();
        let key = idle().await;
        adapter.delete_user(&"u1".into()).await.unwrap();
        let end = idle().await;
        if prepared {
            assert_eq!([session - start, key - session, end - key], [1 + 1, 1 + 1, 5 + 1]);
        }
    }
}

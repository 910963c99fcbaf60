//! Tests how many round trips each operation takes, counted by a proxy.

use std::time::Duration;

use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, PrismaTokenAdapter, Table, mysql, sqlx::MySqlPool};
use lucia_auth::{Auth, NewKey, NewSession, NewUser};
use lucia_core::{
    KeyId, SessionAdapter as _, SessionScan as _, SessionUpdate, TokenAdapter as _, TokenKind, TokenSchema, UnixMillis,
    UserAdapter as _,
};
use test_servers::{Proxy, mysql_server};

use crate::{disguise::AsMySql, server::options};

/// A pool with one connection through a proxy.
struct Line {
    proxy: Proxy,
    pool: MySqlPool,
    counted: u64,
}

impl Line {
    /// Returns the number of round trips of calls since the last count, if they acquired the connection this often.
    ///
    /// sqlx makes another round trip each time that the connection returns to its pool, after the call.
    async fn taken(&mut self, acquired: u64) -> u64 {
        while self.pool.num_idle() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let all = self.proxy.requests();
        all - std::mem::replace(&mut self.counted, all) - acquired
    }
}

#[tokio::test]
async fn every_operation_takes_the_fewest_round_trips() {
    let server = mysql_server().unwrap().start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    let url = format!("mysql://lucia:lucia@127.0.0.1:{}/mysql?connection_limit=1", proxy.port());
    let pool = mysql::connect(&url).await.unwrap();
    let config = PrismaConfig::default().schema("app");
    sqlx::raw_sql("CREATE DATABASE app").execute(&pool).await.unwrap();
    config.create_tables(&pool).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool.clone(), config).await.unwrap();
    let auth = Auth::builder(adapter.clone()).build().unwrap();
    let mut line = Line { proxy, pool, counted: 0 };

    // Preparing a statement takes another round trip, once for each connection.
    for prepared in [false, true] {
        let mut counts = Vec::new();
        line.taken(0).await;
        let key = NewKey::new(("github", if prepared { "2" } else { "1" }));
        let user = auth.create_user(NewUser::new().key(key)).await.unwrap().id;
        counts.push(("a user with a key: two statements in a transaction", 4, line.taken(1).await));
        let session = auth.create_session(NewSession::new(user.clone())).await.unwrap();
        counts.push(("a session, and its user", 2, line.taken(2).await));
        auth.validate_session(&session.token).await.unwrap();
        counts.push(("validation", 1, line.taken(1).await));
        let renewal = SessionUpdate::renewal(UnixMillis::new(1), session.idle_period_expires_at);
        adapter.update_session(&session.id, &renewal).await.unwrap();
        counts.push(("an update", 1, line.taken(1).await));
        auth.validate_session(&session.token).await.unwrap();
        counts.push(("validation of an idle session, which renews it", 2, line.taken(2).await));
        adapter.get_key(&KeyId::new("github", "1").unwrap()).await.unwrap();
        counts.push(("a key", 1, line.taken(1).await));
        auth.invalidate_session(&session.id).await.unwrap();
        counts.push(("the end of a session, and of one with its plain id", 3, line.taken(3).await));
        auth.invalidate_all_user_sessions(&user).await.unwrap();
        counts.push(("the end of all", 1, line.taken(1).await));
        assert!(auth.validate_session(&session.token).await.is_err());
        counts.push(("an unknown session", 1, line.taken(1).await));
        adapter.delete_expired_sessions(UnixMillis::new(0), 100).await.unwrap();
        counts.push(("deleting expired sessions, of which there are none", 1, line.taken(1).await));
        adapter.scan_sessions(None, 100).await.unwrap();
        counts.push(("a page of sessions", 1, line.taken(1).await));
        adapter.delete_user(&user).await.unwrap();
        counts.push(("the end of a user: three statements in a transaction", 5, line.taken(1).await));
        if prepared {
            for (what, expected, taken) in counts {
                assert_eq!(taken, expected, "{what}");
            }
        }
    }
}

/// MariaDB returns the rows of inserts and deletes, and MySQL of none.
#[tokio::test]
async fn operations_on_tokens_take_the_fewest_round_trips() {
    let server = mysql_server().unwrap().start().unwrap();
    let proxy = Proxy::start(server.port()).unwrap();
    let url = format!("mysql://lucia:lucia@127.0.0.1:{}/mysql?connection_limit=1", proxy.port());
    let pool = mysql::connect(&url).await.unwrap();
    let config = PrismaConfig::default().schema("app").token(Table::named("Token"));
    sqlx::raw_sql("CREATE DATABASE app").execute(&pool).await.unwrap();
    config.create_tables(&pool).await.unwrap();
    let of_mariadb = PrismaTokenAdapter::with_config(pool.clone(), config.clone()).await.unwrap();
    let of_mysql = PrismaTokenAdapter::with_config(AsMySql(pool.clone()), config).await.unwrap();
    let mut line = Line { proxy, pool, counted: 0 };
    let (kind, window, now) = (TokenKind::from_static("reset"), Duration::from_secs(60), UnixMillis::new(1_000));
    for (tokens, take, add) in [(of_mariadb, 1, 1), (of_mysql, 2, 4)] {
        for prepared in [false, true] {
            let mut counts = Vec::new();
            line.taken(0).await;
            let token = TokenSchema::new("t1", kind.clone(), now);
            tokens.set_token(&token).await.unwrap();
            counts.push(("a token", 1, line.taken(1).await));
            tokens.get_token(&kind, &token.id).await.unwrap().unwrap();
            counts.push(("reading a token", 1, line.taken(1).await));
            tokens.take_token(&kind, &token.id).await.unwrap().unwrap();
            counts.push(("taking a token", take, line.taken(take).await));
            for (by, expected) in [(2, add), (1, add), (-1, 4), (0, 1)] {
                tokens.add_to_counter("c1", by, window, now).await.unwrap();
                counts.push(("a counter", expected, line.taken(1).await));
            }
            tokens.delete_tokens(None, &"u1".into()).await.unwrap();
            counts.push(("the end of a user's tokens", 1, line.taken(1).await));
            tokens.delete_expired_tokens(now, 100).await.unwrap();
            counts.push(("deleting expired tokens, of which there are none", 1, line.taken(1).await));
            if prepared {
                for (what, expected, taken) in counts {
                    assert_eq!(taken, expected, "{what}");
                }
            }
        }
    }
}

/// A connection that was idle for a short time is used without the ping that sqlx makes by default.
#[tokio::test]
async fn connections_have_the_settings_of_pool_options() {
    let pool = mysql::pool_options().max_connections(1).connect_with(options()).await.unwrap();
    let mode: String = sqlx::query_scalar("SELECT CAST(@@SESSION.sql_mode AS CHAR)").fetch_one(&pool).await.unwrap();
    assert!(mode.contains("STRICT_TRANS_TABLES"), "{mode}");
    assert!(!pool.options().get_test_before_acquire());
}

//! Tests of failing servers: every call succeeds or returns a typed error in bounded time; no acknowledged write is
//! lost; no user is partly created; and the pool recovers by itself.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "../support/any_pool.rs"]
mod any_pool;
mod conflicts;
mod cut;
#[path = "../mysql/disguise.rs"]
mod disguise;
mod fail_over;
mod idle;
mod killed;
mod limits;
#[path = "../support/pools.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod pools;
mod read_only;
mod site;
mod tokens;

/// Defines a module of tests for each database.
macro_rules! on_each_database {
    ($($name:ident),* $(,)?) => {
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::site::Kind::Postgres).await;
            })*
        }

        mod mysql {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::site::Kind::MySql).await;
            })*
        }
    };
}
pub(crate) use on_each_database;

//! What happens when a server fails: every call ends in success or a typed error, in bounded time; nothing that was
//! acknowledged is lost; no user is half made; and the pool recovers by itself.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod cut;
mod fail_over;
mod idle;
mod killed;
mod limits;
#[path = "../conformance_diesel/pools.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod pools;
mod read_only;
mod site;

/// One module of tests for each database.
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

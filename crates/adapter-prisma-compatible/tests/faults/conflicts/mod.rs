//! Statements that conflict with other transactions: each statement of each call fails in turn, and so does its commit.

mod line;
mod calls;
mod in_transaction;

use std::collections::BTreeSet;

use adapter_prisma_compatible::PrismaAdapter;
use futures_util::future::join_all;
use lucia_core::{AdapterErrorKind, UserAdapter as _};
use lucia_sql::driver::{Pool as _, Query};
use test_servers::Conflict;

use self::{
    calls::CALLS,
    line::{Line, config},
};
use crate::{
    on_each_database,
    site::{Kind, bounded},
};

/// More statements than any call executes.
const MOST_STATEMENTS: u64 = 20;

/// The call is retried as a whole: its result and the stored rows are those of a call without a conflict.
async fn a_call_is_retried_as_a_whole_whichever_statement_conflicts(kind: Kind) {
    let line = Line::start(kind).await;
    for on in line.adapters(1).await {
        let mut conflicting = BTreeSet::new();
        for (name, call) in CALLS {
            line.reset().await;
            let expected = (call(&on).await.unwrap(), line.stored().await);
            for conflict in [Conflict::Serialization, Conflict::Deadlock] {
                for statements in 0..=MOST_STATEMENTS {
                    line.reset().await;
                    // A connection that was closed is replaced.
                    on.adapter.get_user(&"u1".into()).await.unwrap();
                    line.proxy.fail_after(statements, conflict);
                    let result = bounded(call(&on)).await;
                    let failed = line.proxy.take_failed();
                    let context = format!("{}: {name}, {conflict:?} after {statements}: {failed:?}", on.name);
                    // Diesel does not name a deadlock of Postgres, so that a commit may have had an effect.
                    let is_unclear = on.name == "diesel" && kind == Kind::Postgres && conflict == Conflict::Deadlock;
                    if is_unclear && failed == ["COMMIT"] {
                        assert!(result.is_err(), "{context}");
                        continue;
                    }
                    let outcome = result.unwrap_or_else(|error| panic!("{context}: {error:?}"));
                    assert_eq!((outcome, line.stored().await), expected, "{context}");
                    assert!(statements > 0 || !failed.is_empty(), "{context}");
                    if failed.is_empty() {
                        break;
                    }
                    assert!(statements < MOST_STATEMENTS, "{context}");
                    conflicting.extend(failed);
                }
            }
        }
        for sql in ["BEGIN", "COMMIT"] {
            assert!(conflicting.contains(sql), "{}: no `{sql}` failed", on.name);
        }
    }
}

/// A second attempt would find what the first one has stored. The call that fails has taken effect.
async fn a_commit_whose_reply_is_lost_is_not_repeated(kind: Kind) {
    let line = Line::start(kind).await;
    for on in line.adapters(1).await {
        let mut commits = 0;
        for (name, call) in CALLS {
            line.reset().await;
            call(&on).await.unwrap();
            let expected = line.stored().await;
            line.reset().await;
            line.proxy.fail_after(0, Conflict::LostCommit);
            let result = call(&on).await;
            let failed = line.proxy.take_failed();
            let Some(failed) = failed.first() else { continue };
            let error = result.unwrap_err();
            let is_outage = error.kind() == AdapterErrorKind::Unavailable;
            // Diesel has no kind for it.
            let is_unknown = error.kind() == AdapterErrorKind::Backend && failed != "COMMIT" && on.name == "diesel";
            assert!(is_outage || is_unknown, "{}: {name}: {failed}: {error:?}", on.name);
            assert_eq!(line.stored().await, expected, "{}: {name}", on.name);
            commits += 1;
        }
        assert!(commits > 0, "{}", on.name);
    }
}

/// A lock that is not free in time is not retried. The call has an effect as a whole, or none.
async fn a_call_that_waited_too_long_for_a_lock_is_not_half_done(kind: Kind) {
    let line = Line::start(kind).await;
    line.reset().await;
    let before = line.stored().await;
    for on in line.adapters(1).await {
        let mut errors = 0;
        for (name, call) in CALLS {
            line.reset().await;
            let expected = (call(&on).await.unwrap(), line.stored().await);
            for statements in 0..=MOST_STATEMENTS {
                line.reset().await;
                on.adapter.get_user(&"u1".into()).await.unwrap();
                line.proxy.fail_after(statements, Conflict::LockTimeout);
                let result = bounded(call(&on)).await;
                let failed = line.proxy.take_failed();
                let context = format!("{}: {name}, after {statements}: {failed:?}", on.name);
                match result {
                    Ok(outcome) => assert_eq!((outcome, line.stored().await), expected, "{context}"),
                    Err(error) => {
                        assert_eq!(error.kind(), AdapterErrorKind::Unavailable, "{context}");
                        assert_eq!(line.stored().await, before, "{context}");
                        errors += 1;
                    }
                }
                if failed.is_empty() {
                    break;
                }
            }
        }
        // Diesel does not name the error of Postgres, so that the statement is retried once.
        assert!(errors > 0 || on.name == "diesel" && kind == Kind::Postgres, "{}", on.name);
    }
}

/// Conflicts that never end.
async fn a_call_that_conflicts_for_ten_seconds_is_an_error_and_changes_nothing(kind: Kind) {
    let line = Line::start(kind).await;
    line.reset().await;
    let before = line.stored().await;
    let adapters = line.adapters(8).await;
    line.proxy.fail_every(Conflict::Serialization);
    let calls = adapters.iter().flat_map(|on| CALLS.iter().map(move |(name, call)| (on, name, call)));
    let results = join_all(calls.map(|(on, name, call)| async move { (on.name, name, bounded(call(on)).await) })).await;
    let failed = line.proxy.take_failed();
    for (driver, name, result) in results {
        assert!(result.is_err(), "{driver}: {name}");
    }
    assert_eq!(line.stored().await, before);
    assert!(failed.len() > 100 * adapters.len(), "{} statements failed", failed.len());
}

/// The tables are created as a whole, and read again for an adapter.
async fn tables_are_created_and_checked_whichever_statement_conflicts(kind: Kind) {
    let line = Line::start(kind).await;
    for (driver, pool) in line.pools(1).await {
        for statements in 0.. {
            line.drop_tables().await;
            // A connection that was closed is replaced.
            pool.driver().fetch_all(&Query::new("SELECT 1", [])).await.unwrap();
            line.proxy.fail_after(statements, Conflict::Serialization);
            let created = config().create_tables(&pool).await;
            let failed = line.proxy.take_failed();
            created.unwrap_or_else(|error| panic!("{driver}, after {statements}: {failed:?}: {error:?}"));
            line.proxy.fail_after(statements, Conflict::Serialization);
            let checked = PrismaAdapter::with_config(pool.clone(), config()).await;
            let failed_check = line.proxy.take_failed();
            checked.unwrap_or_else(|error| panic!("{driver}, after {statements}: {failed_check:?}: {error:?}"));
            if failed.is_empty() && failed_check.is_empty() {
                break;
            }
        }
    }
}

on_each_database!(
    a_call_is_retried_as_a_whole_whichever_statement_conflicts,
    a_commit_whose_reply_is_lost_is_not_repeated,
    a_call_that_waited_too_long_for_a_lock_is_not_half_done,
    a_call_that_conflicts_for_ten_seconds_is_an_error_and_changes_nothing,
    tables_are_created_and_checked_whichever_statement_conflicts,
);

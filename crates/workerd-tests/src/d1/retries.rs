//! Retries after failures with D1's own messages.

use adapter_cloudflare_d1::{D1Adapter, D1Error};
use adapter_tests::BoxError;
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter as _, SessionSchema, UnixMillis, UserAdapter as _};
use worker::Env;

use super::{
    samples::{config, user},
    watched_database::{Lost, WatchedDatabase},
};
use crate::check::{Check, CheckResult, ensure_eq, ensure_fails};

pub(crate) const CHECKS: &[Check] = &[
    Check("d1_a_read_with_a_lost_answer_is_retried", |env| Box::pin(lost_reads(env))),
    Check("d1_a_write_with_a_lost_answer_is_not_retried", |env| Box::pin(lost_writes(env))),
    Check("d1_a_write_that_did_not_arrive_is_retried", |env| Box::pin(unreached(env))),
    Check("d1_nothing_is_retried_when_d1_is_overloaded", |env| Box::pin(overloaded(env))),
];

const LOST: &str = "D1_ERROR: Network connection lost.";

/// An adapter with a user, and its database.
async fn open(env: &Env, name: &str) -> Result<(D1Adapter, WatchedDatabase), BoxError> {
    let config = config(name);
    config.create_tables(&env.d1("DB")?).await?;
    let watched = WatchedDatabase::new(env)?;
    let adapter = D1Adapter::with_config(watched.database(), config).await?;
    adapter.set_user(&user("u1", "ada")?, None).await?;
    watched.take_requests();
    Ok((adapter, watched))
}

fn session() -> SessionSchema {
    SessionSchema::new("s1", "u1", UnixMillis::new(1_000), UnixMillis::new(2_000))
}

async fn lost_reads(env: Env) -> CheckResult {
    let (adapter, watched) = open(&env, "lost_reads").await?;
    watched.fail(2, LOST, Lost::Answer);
    ensure_eq(&adapter.get_user(&"u1".into()).await?.is_some(), &true, "the user")?;
    ensure_eq(&watched.take_requests(), &3, "requests")?;
    watched.fail(3, LOST, Lost::Answer);
    let failed = adapter.get_user(&"u1".into()).await;
    let source = failed.as_ref().err().and_then(|error| error.downcast_ref::<D1Error>()).map(ToString::to_string);
    ensure_eq(&source.as_deref(), &Some(LOST), "the source")?;
    ensure_fails(failed, Kind::Unavailable, None, "a database that stays away")?;
    ensure_eq(&watched.take_requests(), &3, "requests")
}

async fn lost_writes(env: Env) -> CheckResult {
    let (adapter, watched) = open(&env, "lost_writes").await?;
    watched.fail(1, LOST, Lost::Answer);
    ensure_fails(adapter.set_session(&session()).await, Kind::Unavailable, None, "a write")?;
    watched.fail(1, LOST, Lost::Answer);
    ensure_fails(adapter.delete_user(&"u2".into()).await, Kind::Unavailable, None, "a batch")?;
    ensure_eq(&watched.take_requests(), &2, "requests")?;
    ensure_eq(&adapter.get_session(&"s1".into()).await?, &Some(session()), "the session")
}

async fn unreached(env: Env) -> CheckResult {
    let (adapter, watched) = open(&env, "unreached").await?;
    let message = "D1_ERROR: Cannot resolve D1 DB due to transient issue on remote node.";
    watched.fail(1, message, Lost::Request);
    adapter.set_session(&session()).await?;
    ensure_eq(&watched.take_requests(), &2, "requests")
}

async fn overloaded(env: Env) -> CheckResult {
    let (adapter, watched) = open(&env, "overloaded").await?;
    watched.fail(1, "D1_ERROR: D1 DB is overloaded. Too many requests queued.", Lost::Request);
    ensure_fails(adapter.get_user(&"u1".into()).await, Kind::Unavailable, None, "a read")?;
    ensure_eq(&watched.take_requests(), &1, "requests")
}

use adapter_cloudflare_d1::{D1Adapter, D1Config};
use lucia_core::{
    Adapter as _, AdapterErrorKind as Kind, SessionAdapter as _, SessionSchema, SessionUpdate, UnixMillis,
    UserAdapter as _,
};
use serde_json::{Value, json};
use worker::Env;

use super::samples::{config, user};
use crate::check::{Check, CheckResult, ensure_eq, ensure_fails};

pub(crate) const CHECKS: &[Check] = &[
    Check("d1_times_are_exact", |env| Box::pin(declared(env))),
    Check("d1_times_are_exact_in_columns_without_a_type", |env| Box::pin(untyped(env))),
];

/// Times that are one to a double.
const TIMES: [i64; 4] = [i64::MAX, i64::MAX - 1, (1 << 53) + 1, i64::MIN];

async fn declared(env: Env) -> CheckResult {
    let config = config("declared");
    config.create_tables(&env.d1("DB")?).await?;
    exact_times(env, config, "declared").await
}

/// SQLite keeps text as text there.
async fn untyped(env: Env) -> CheckResult {
    let config = config("untyped");
    config.create_user_tables(&env.d1("DB")?).await?;
    let sql =
        r#"CREATE TABLE "untyped_session" ("id" TEXT PRIMARY KEY, "user_id" TEXT, "active_expires", "idle_expires")"#;
    env.d1("DB")?.prepare(sql).run().await?;
    exact_times(env, config, "untyped").await
}

async fn exact_times(env: Env, config: D1Config, name: &str) -> CheckResult {
    let adapter = D1Adapter::with_config(env.d1("DB")?, config).await?;
    adapter.set_user(&user("u1", "ada")?, None).await?;
    for time in TIMES {
        let time = UnixMillis::new(time);
        let session = SessionSchema::new("s1", "u1", time, time);
        adapter.set_session(&session).await?;
        let read = adapter.get_session_and_user(&session.id).await?.map(|(session, _)| session);
        ensure_eq(&read, &Some(session.clone()), "a new session")?;
        let columns = r#"typeof("idle_expires") AS "class", CAST("idle_expires" AS TEXT) AS "text""#;
        let sql = format!(r#"SELECT {columns} FROM "{name}_session""#);
        let row = env.d1("DB")?.prepare(sql).first::<Value>(None).await?;
        ensure_eq(&row, &Some(json!({"class": "integer", "text": time.get().to_string()})), "what is stored")?;

        let other = UnixMillis::new(time.get() ^ 1);
        let renewal = SessionUpdate::renewal(other, other);
        let stale = renewal.clone().with_expected_idle_expires(other);
        ensure_fails(adapter.update_session(&session.id, &stale).await, Kind::Conflict, None, "a stale renewal")?;
        adapter.update_session(&session.id, &renewal.with_expected_idle_expires(time)).await?;
        let renewed = adapter.get_session(&session.id).await?;
        ensure_eq(&renewed.map(|session| session.idle_expires), &Some(other), "a renewed session")?;

        let latest = UnixMillis::new(time.get() | 1);
        if other < latest {
            ensure_eq(&adapter.delete_expired_sessions(other, 10).await?, &0, "a session that expires now")?;
            ensure_eq(&adapter.delete_expired_sessions(latest, 10).await?, &1, "an expired session")?;
        }
        adapter.delete_session(&session.id).await?;
    }
    Ok(())
}

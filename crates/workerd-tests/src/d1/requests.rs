//! The number of requests that an operation takes.

use std::time::Duration;

use adapter_cloudflare_d1::{D1Adapter, D1TokenAdapter, Table};
use lucia_core::{
    Adapter as _, Attributes, KeyId, KeySchema, KeyUpdate, SessionAdapter as _, SessionScan as _, SessionSchema,
    SessionUpdate, TokenAdapter as _, TokenKind, TokenSchema, UnixMillis, UserAdapter as _, UserUpdate,
};
use worker::Env;

use super::{
    WatchedDatabase,
    samples::{config, user},
};
use crate::check::{Check, CheckResult, ensure, ensure_eq};

pub(crate) const CHECKS: &[Check] = &[
    Check("d1_operations_take_one_request", |env| Box::pin(requests(env))),
    Check("d1_deleted_rows_of_the_application_are_not_counted", |env| Box::pin(cascades(env))),
];

/// The meta data of D1 counts the rows of cascades and triggers, too.
async fn cascades(env: Env) -> CheckResult {
    let config = config("cascades");
    let database = env.d1("DB")?;
    config.create_tables(&database).await?;
    let carts = r#"CREATE TABLE "cascades_cart" ("id" INTEGER PRIMARY KEY, "session_id" TEXT NOT NULL REFERENCES "cascades_session" ("id") ON DELETE CASCADE)"#;
    database.prepare(carts).run().await?;
    let adapter = D1Adapter::with_config(env.d1("DB")?, config).await?;
    adapter.set_user(&user("u1", "ada")?, None).await?;
    for id in ["s1", "s2", "s3"] {
        adapter.set_session(&SessionSchema::new(id, "u1", UnixMillis::new(1_000), UnixMillis::new(2_000))).await?;
        let insert = r#"INSERT INTO "cascades_cart" ("session_id") VALUES (?1), (?1)"#;
        database.prepare(insert).bind(&[id.into()])?.run().await?;
    }
    let now = UnixMillis::new(5_000);
    ensure_eq(&adapter.delete_expired_sessions(now, 2).await?, &2, "sessions of a first batch")?;
    ensure_eq(&adapter.delete_expired_sessions(now, 10).await?, &1, "the remaining session")?;
    ensure_eq(&adapter.delete_expired_sessions(now, 10).await?, &0, "no session")
}

async fn requests(env: Env) -> CheckResult {
    let config = config("requests").token(Table::named("requests_token"));
    config.create_tables(&env.d1("DB")?).await?;
    let watched = WatchedDatabase::new(&env)?;
    let adapter = D1Adapter::with_config(watched.database(), config.clone()).await?;
    let tokens = D1TokenAdapter::with_config(watched.database(), config).await?;
    ensure_eq(&watched.take_requests(), &0, "requests to make adapters")?;
    let one = |what: &str| ensure_eq(&watched.take_requests(), &1, &format!("requests to {what}"));

    let key = KeySchema::new(KeyId::new("username", "ada")?, "u1");
    adapter.set_user(&user("u1", "ada")?, Some(&key)).await?;
    one("insert a user and a key")?;
    adapter
        .update_user(&"u1".into(), &UserUpdate::default().with_attributes(Attributes::from([("name", "eve")]))?)
        .await?;
    one("update a user")?;
    adapter.set_key(&KeySchema::new(KeyId::new("email", "ada")?, "u1")).await?;
    one("insert a key")?;
    adapter.update_key(&key.id, &KeyUpdate::default().with_hashed_password(None)).await?;
    one("update a key")?;
    adapter.get_keys_by_user_id(&"u1".into()).await?;
    one("read the keys of a user")?;

    let session = |id: &str| SessionSchema::new(id, "u1", UnixMillis::new(1_000), UnixMillis::new(2_000));
    adapter.set_session_and_get_user(&session("s1")).await?;
    one("insert a session and read its user")?;
    ensure(adapter.get_session_and_user(&"s1".into()).await?.is_some(), "the session is gone")?;
    one("read a session and its user")?;
    adapter.get_sessions(&["s1".into(), "s2".into(), "s3".into()]).await?;
    one("read some sessions")?;
    ensure(adapter.get_first_session_and_user(&["s2".into(), "s1".into()]).await?.is_some(), "the session is gone")?;
    one("read the first of two sessions and its user")?;
    adapter.get_sessions_and_users(&["s1".into(), "s2".into(), "s3".into()]).await?;
    one("read some sessions and their users")?;
    let renewal = SessionUpdate::renewal(UnixMillis::new(3_000), UnixMillis::new(4_000));
    adapter.update_session(&"s1".into(), &renewal).await?;
    one("renew a session")?;
    adapter.rotate_session(&"s1".into(), &"s2".into(), &renewal).await?;
    one("rotate a session")?;
    adapter.get_sessions_by_user_id(&"u1".into()).await?;
    one("read the sessions of a user")?;
    adapter.delete_other_sessions(&"u1".into(), &"s2".into()).await?;
    one("delete the other sessions of a user")?;
    adapter.delete_session(&"s2".into()).await?;
    one("delete a session")?;
    adapter.delete_sessions_by_user_id(&"u1".into()).await?;
    one("delete the sessions of a user")?;
    adapter.delete_expired_sessions(UnixMillis::new(5_000), 100).await?;
    one("delete expired sessions")?;
    adapter.scan_sessions(None, 100).await?;
    one("read a page of sessions")?;

    let (kind, window, now) = (TokenKind::from_static("reset"), Duration::from_secs(60), UnixMillis::new(1_000));
    let token = TokenSchema::new("t1", kind.clone(), now).with_user_id("u1");
    tokens.set_token(&token).await?;
    one("insert a token")?;
    ensure_eq(&tokens.get_token(&kind, &token.id).await?.as_ref(), &Some(&token), "the token")?;
    one("read a token")?;
    ensure_eq(&tokens.take_token(&kind, &token.id).await?.as_ref(), &Some(&token), "the token")?;
    one("take a token")?;
    for by in [1, 1, -1, 0] {
        tokens.add_to_counter("c1", by, window, now).await?;
        one(&format!("add {by} to a counter"))?;
    }
    tokens.delete_tokens(Some(&kind), &"u1".into()).await?;
    one("delete the tokens of a user")?;
    tokens.delete_expired_tokens(now, 100).await?;
    one("delete expired tokens")?;
    adapter.delete_user(&"u1".into()).await?;
    one("delete a user, its keys, sessions and tokens")
}

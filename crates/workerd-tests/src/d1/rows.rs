//! The requests and rows of what an application does, which are figures of the guide.

use std::{sync::Arc, time::Duration};

use adapter_cloudflare_d1::{Attribute, D1Adapter, D1Config, D1TokenAdapter, Table};
use lucia_auth::{Auth, Client, ManualClock, NewKey, NewSession, NewUser, Throttle, ThrottleKey};
use lucia_core::{Attributes, SessionAdapter as _, SessionSchema, UnixMillis, UserAdapter as _, UserSchema};
use serde_json::json;
use worker::Env;

use super::WatchedDatabase;
use crate::check::{Check, CheckResult, ensure};

pub(crate) const CHECKS: &[Check] =
    &[Check("d1_operations_read_and_write_the_rows_of_the_guide", |env| Box::pin(rows(env)))];

/// The tables of the guide and of its example.
const MIGRATIONS: [&str; 3] = [
    include_str!("../../../adapter-cloudflare-d1/examples/worker/migrations/0001_users_and_keys.sql"),
    include_str!("../../../adapter-cloudflare-d1/examples/worker/migrations/0002_sessions.sql"),
    include_str!("../../../adapter-cloudflare-d1/examples/worker/migrations/0003_tokens.sql"),
];
const DAY: Duration = Duration::from_secs(24 * 3_600);
const NOW: UnixMillis = UnixMillis::new(1_700_000_000_000);

async fn rows(env: Env) -> CheckResult {
    let database = env.d1("DB")?;
    let statements = MIGRATIONS.iter().flat_map(|migration| migration.split(';'));
    let statements = statements.filter(|sql| !sql.trim().is_empty()).map(|sql| database.prepare(sql));
    database.batch(statements.collect()).await?;
    let users = Table::named("User").attribute("username", Attribute::string().unique());
    let config = D1Config::default().user(users).token(Table::named("Token"));
    // Others, which are not read.
    let adapter = D1Adapter::with_config(database, config.clone()).await?;
    for id in (0..20).map(|index| format!("u{index}")) {
        let username = Attributes::from([("username", id.as_str())]);
        adapter.set_user(&UserSchema::new(id.as_str()).with_attributes(username)?, None).await?;
        adapter.set_session(&SessionSchema::new(format!("s_{id}"), id, NOW, UnixMillis::MAX)).await?;
    }

    let watched = WatchedDatabase::new(&env)?;
    let counters = D1TokenAdapter::with_config(watched.database(), config.clone()).await?;
    let clock = Arc::new(ManualClock::new(NOW));
    let auth = Auth::builder(D1Adapter::with_config(watched.database(), config).await?)
        .clock(Arc::clone(&clock))
        .throttle(Throttle::new(counters, ThrottleKey::from_bytes([1; 32])))
        .build()?;
    let mut differences = Vec::new();
    let mut costs = |what: &str, expected: [u32; 3]| {
        let found = watched.take_costs();
        if found != expected {
            differences.push(format!("{what}: {found:?} requests, rows read and rows written, not {expected:?}"));
        }
    };

    let (name, password) = (("username", "ada"), "correct horse");
    let new = NewUser::new().key(NewKey::with_password(name, password)).attributes(&json!({ "username": "ada" }));
    let ada = auth.create_user(new).await?;
    costs("sign-up", [1, 1, 6]);
    let session = auth.create_session(NewSession::new(ada.id.clone())).await?;
    costs("a new session", [1, 5, 4]);
    auth.validate_session(&session.token).await?;
    costs("a session", [1, 2, 0]);
    clock.advance(DAY + Duration::from_secs(1));
    auth.validate_session(&session.token).await?;
    costs("a session and its renewal", [2, 3, 2]);
    auth.invalidate_session_token(&session.token).await?;
    costs("sign-out", [2, 1, 1]);

    let client = Client::new().address([203, 0, 113, 7].into());
    let wrong = auth.use_key_with_password(name, "battery staple").client(&client).await;
    ensure(wrong.is_err(), "a wrong password is accepted")?;
    costs("a first wrong password", [3, 5, 8]);
    let wrong = auth.use_key_with_password(name, "battery staple").client(&client).await;
    ensure(wrong.is_err(), "a wrong password is accepted")?;
    costs("a wrong password", [3, 7, 4]);
    let key = auth.use_key_with_password(name, password).client(&client).await?;
    costs("the password", [5, 11, 6]);
    auth.create_session(NewSession::for_key(&key)).await?;
    costs("a new session for a password", [2, 6, 4]);

    clock.advance(20 * DAY);
    auth.delete_expired_sessions().await?;
    costs("the deletion of an expired session", [1, 6, 1]);
    ensure(differences.is_empty(), differences.join("; "))
}

//! The number of requests that an operation takes.

use std::time::Duration;

use adapter_tests::BoxError;
use lucia_core::{
    Clock as _, SessionAdapter as _, SessionSchema, SessionUpdate, SystemClock,
    kv::{KvConfig, KvLayout, KvSessionAdapter},
};
use worker::Env;

use super::backend::{SessionAdapter, watched_store};
use crate::check::{Check, CheckResult, ensure};

pub(crate) const CHECKS: &[Check] = &[Check("operations_take_few_requests", |env| Box::pin(requests(env)))];

fn adapter(env: &Env) -> Result<SessionAdapter, BoxError> {
    let layout = KvLayout::new("requests", "user_requests")?;
    Ok(KvSessionAdapter::with_config(watched_store(env)?, KvConfig::from(layout).clock(SystemClock))?)
}

fn session(index: usize) -> SessionSchema {
    let later = |hours: u64| SystemClock.now().saturating_add(Duration::from_secs(hours * 3_600));
    SessionSchema::new(format!("s{index}"), "u1", later(8), later(32))
}

async fn requests(env: Env) -> CheckResult {
    let adapter = adapter(&env)?;
    let at_most = |limit: usize, what: &str| {
        let requests = adapter.store().take_requests();
        ensure(requests <= limit, format!("{what} takes {requests} requests"))
    };
    adapter.set_session(&session(0)).await?;
    at_most(4, "creating a session")?;
    adapter.get_session(&"s0".into()).await?;
    at_most(1, "reading a session")?;
    let renewed = session(0);
    let renewal = SessionUpdate::renewal(renewed.active_expires, renewed.idle_expires);
    adapter.update_session(&"s0".into(), &renewal).await?;
    at_most(3, "renewing a session")?;
    adapter.rotate_session(&"s0".into(), &"rotated".into(), &SessionUpdate::default()).await?;
    at_most(8, "rotating a session")?;
    adapter.delete_session(&"rotated".into()).await?;
    at_most(4, "revoking a session")?;
    for index in 0..20 {
        adapter.set_session(&session(index + 1)).await?;
    }
    at_most(80, "creating 20 sessions")?;
    let listed = adapter.get_sessions_by_user_id(&"u1".into()).await?;
    at_most(2, "listing 20 sessions")?;
    ensure(listed.len() == 20, format!("{} sessions listed", listed.len()))?;
    adapter.delete_sessions_by_user_id(&"u1".into()).await?;
    let listed = adapter.get_sessions_by_user_id(&"u1".into()).await?;
    ensure(listed.is_empty(), format!("{} sessions left", listed.len()))
}

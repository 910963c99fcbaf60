use adapter_cloudflare_d1::{Attribute, D1Config, D1TokenAdapter, Table};
use lucia_auth::{Adapter, NoAttributes, Throttle, Tokens};
use serde::{Deserialize, Serialize};
use worker::Env;

use crate::error::SetupError;

/// The application's own columns of a user.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Profile {
    pub(crate) username: String,
}

pub(crate) type Auth = lucia_auth::Auth<Profile>;
pub(crate) type AuthRequest = lucia_auth::AuthRequest<Profile>;
pub(crate) type Session = lucia_auth::Session<Profile, NoAttributes>;

/// Bindings belong to a request, so every request has its own `Auth`. Creating it sends no request to D1 or KV.
pub(crate) async fn build(env: &Env) -> Result<Auth, SetupError> {
    // Attempts are counted in D1, because a count in memory would end with the request.
    let throttle = Throttle::new(counters(env).await?, env.secret("THROTTLE_KEY")?.to_string().parse()?);
    let auth = lucia_auth::Auth::builder(adapter(env).await?).throttle(throttle);
    Ok(auth.user_attributes::<Profile>().build()?)
}

/// Deletes expired sessions, tokens and counters, and returns the first error. Sessions in KV expire without it.
pub(crate) async fn delete_expired(env: &Env) -> Result<(), SetupError> {
    let auth = build(env).await?;
    let tokens = Tokens::new(auth.clone(), counters(env).await?);
    let sessions = auth.delete_expired_sessions().await;
    // Tokens and counters are deleted even if sessions cannot be.
    let tokens = tokens.delete_expired_tokens().await;
    Ok(sessions.and(tokens).map(drop)?)
}

fn config() -> D1Config {
    let users = Table::named("User").attribute("username", Attribute::string().unique());
    D1Config::default().user(users).token(Table::named("Token"))
}

async fn counters(env: &Env) -> Result<D1TokenAdapter, SetupError> {
    Ok(D1TokenAdapter::with_config(env.d1("DB")?, config()).await?)
}

/// Users, keys and sessions in D1.
#[cfg(not(feature = "kv-sessions"))]
async fn adapter(env: &Env) -> Result<impl Adapter, SetupError> {
    Ok(adapter_cloudflare_d1::D1Adapter::with_config(env.d1("DB")?, config()).await?)
}

/// Users and keys in D1, sessions in KV.
#[cfg(feature = "kv-sessions")]
async fn adapter(env: &Env) -> Result<impl Adapter, SetupError> {
    let users = adapter_cloudflare_d1::D1UserAdapter::with_config(env.d1("DB")?, config()).await?;
    let store = adapter_cloudflare_kv::CloudflareKvStore::new(env.kv("SESSIONS")?);
    let sessions = adapter_cloudflare_kv::KvSessionAdapter::new(store);
    Ok(lucia_auth::SplitAdapter::new(users, sessions))
}

use adapter_cloudflare_d1::{AttributeType, D1Config, D1UserAdapter};
use adapter_cloudflare_kv::CloudflareKvStore;
use lucia_auth::{NoAttributes, SplitAdapter};
use serde::{Deserialize, Serialize};
use worker::Env;

/// The application's own columns of a user.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Profile {
    pub(crate) username: String,
}

pub(crate) type Auth = lucia_auth::Auth<Profile>;
pub(crate) type AuthRequest = lucia_auth::AuthRequest<Profile>;
pub(crate) type Session = lucia_auth::Session<Profile, NoAttributes>;

/// Making one costs no request, and bindings belong to a request, so every request has its own.
pub(crate) fn build(env: &Env) -> Result<Auth, Box<dyn std::error::Error>> {
    let config = D1Config::new().user_attribute("username", AttributeType::String);
    let users = D1UserAdapter::new(env.d1("DB")?, config)?;
    let sessions = CloudflareKvStore::new(env.kv("SESSIONS")?).into_session_adapter();
    let auth = lucia_auth::Auth::builder(SplitAdapter::new(users, sessions)).user_attributes::<Profile>();
    Ok(auth.build()?)
}

//! The configuration of `Auth`, with the application's attributes.

use std::time::Duration;

use lucia_auth::{
    Adapter, Attributes, Auth, AuthBuilder, Csrf, Env, PasswordRules, SessionIds, SessionPeriods, Throttle,
    ThrottleKey, Tokens, lucia_core::TokenAdapter,
};
use lucia_axum::{AuthRequest, CurrentSession};
use serde::{Deserialize, Serialize};

use super::origin::Origin;

/// The attributes of a user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(super) username: String,
    pub(super) email: String,
    /// Whether a link that was mailed to the address was followed.
    pub(super) email_verified: bool,
}

/// The address of a user, once a link that was mailed there was followed.
#[derive(Serialize)]
pub(super) struct Verified<'a> {
    pub(super) email: &'a str,
    pub(super) email_verified: bool,
}

/// The attributes of a session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Device {
    pub(super) device: String,
    /// Whether the session outlives the browser.
    pub(super) remember: bool,
}

pub(crate) type AppAuth = Auth<Profile, Device>;
pub(crate) type AppTokens = Tokens<Profile, Device>;
pub(super) type Request = AuthRequest<Profile, Device>;
pub(super) type Session = CurrentSession<Profile, Device>;
/// A session without its request.
pub(super) type StoredSession = lucia_auth::Session<Profile, Device>;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = HOUR.saturating_mul(24);
/// The time after which a session that is used is renewed, which is a write. The last renewal tells when the session was
/// last used, to the hour, without a write for each request.
const ACTIVE_PERIOD: Duration = HOUR;
/// The time without use after which users must sign in again.
const REMEMBERED: Duration = DAY.saturating_mul(15);
const NOT_REMEMBERED: Duration = HOUR.saturating_mul(12);
/// The time after which users must sign in again, however active they are.
const SESSION_LIFETIME: Duration = DAY.saturating_mul(90);

/// Counts attempts in `counters`: with the same key, all processes and their successors count together. Accepts forms of
/// the pages at `origin`, if it is configured.
pub(crate) fn auth(
    accounts: impl Adapter,
    counters: impl TokenAdapter,
    key: ThrottleKey,
    origin: Option<&Origin>,
) -> AuthBuilder<Profile, Device> {
    // Whatever `Host` a proxy passes on. Without a configured origin, the site is the host of the request.
    let csrf = origin.map_or_else(Csrf::new, |origin| Csrf::new().host(origin.authority()));
    Auth::builder(accounts)
        .csrf_protection(csrf)
        // Browsers send secure cookies only over HTTPS.
        .env(if origin.is_some_and(Origin::is_encrypted) { Env::Prod } else { Env::Dev })
        .user_attributes::<Profile>()
        .session_attributes::<Device>()
        .session_ids(SessionIds::Hashed)
        .session_periods(periods)
        .persistent_cookie(is_remembered)
        .session_created_at("created_at")
        .session_authenticated_at("authenticated_at")
        .absolute_session_lifetime(SESSION_LIFETIME)
        .throttle(Throttle::new(counters, key))
        .password_rules(PasswordRules::new().words_from_attributes(["email"]))
}

fn periods(attributes: &Attributes) -> SessionPeriods {
    let unused = if is_remembered(attributes) { REMEMBERED } else { NOT_REMEMBERED };
    SessionPeriods { active: ACTIVE_PERIOD, idle: unused - ACTIVE_PERIOD }
}

fn is_remembered(attributes: &Attributes) -> bool {
    attributes.get("remember").is_some_and(|value| value == true)
}

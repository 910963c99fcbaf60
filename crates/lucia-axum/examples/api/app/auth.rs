//! The configuration of `Auth`, with the application's attributes.

use std::time::Duration;

use lucia_auth::{Adapter, Auth, AuthBuilder};
use lucia_axum::{AnySession, AuthRequest};
use serde::{Deserialize, Serialize};

/// The attributes of a user.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(super) email: String,
    pub(super) name: String,
}

/// The attributes of a session.
#[derive(Debug, Deserialize)]
pub(crate) struct Device {
    pub(super) device: String,
}

pub(crate) type AppAuth = Auth<Profile, Device>;
pub(super) type Request = AuthRequest<Profile, Device>;
/// The session of a cookie or of a bearer token.
pub(super) type Session = AnySession<Profile, Device>;

/// The provider of this application's keys.
pub(super) const PROVIDER: &str = "email";
/// The time after which users must sign in again, however active they are.
const SESSION_LIFETIME: Duration = Duration::from_secs(90 * 86_400);
/// The number of devices on which a user can be signed in. A further sign-in signs the oldest out.
const MAX_SESSIONS: usize = 20;

pub(crate) fn auth(adapter: impl Adapter) -> AuthBuilder<Profile, Device> {
    Auth::builder(adapter)
        .user_attributes::<Profile>()
        .session_attributes::<Device>()
        .session_created_at("created_at")
        .absolute_session_lifetime(SESSION_LIFETIME)
        .max_sessions_per_user(MAX_SESSIONS)
}

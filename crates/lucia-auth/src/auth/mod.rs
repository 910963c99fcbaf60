//! [`Auth`] and its methods for users, keys, sessions and requests.

mod build_error;
mod checks;
mod builder;
#[cfg(feature = "password")]
mod password_options;
mod users;
mod attempts;
mod devices;
mod keys;
#[cfg(feature = "password")]
mod use_key;
mod rows;
mod reading;
mod new_session;
mod sessions;
mod revocation;
mod conversion;
mod reauthentication;
mod auth_request;
mod requests;
#[cfg(feature = "password")]
mod confirm_password;

use std::{fmt, sync::Arc};

use lucia_core::{AttributesError, Clock, SessionSchema, UnixMillis, UserId, UserSchema};

pub use self::{
    auth_request::AuthRequest,
    build_error::BuildError,
    builder::AuthBuilder,
    conversion::{HashPlainSessions, HashProgress},
};
#[cfg(feature = "password")]
pub use self::{confirm_password::ConfirmPassword, use_key::UseKey};
#[cfg(feature = "password")]
use crate::password::Passwords;
use crate::{
    Csrf, Env, Error, NoAttributes, SessionCookie, SessionIds, Throttle, adapter::NamedAdapter, lifetime::Lifetime,
};

/// How far the clocks of two processes may differ before one deletes what the other still accepts, in milliseconds.
const MAX_CLOCK_SKEW: i64 = 5 * 60 * 1_000;

type UserAttributes<U> = Box<dyn Fn(&UserSchema) -> Result<U, AttributesError> + Send + Sync>;
type NewUserId = Box<dyn Fn() -> Result<UserId, Error> + Send + Sync>;
type SessionAttributes<S> = Box<dyn Fn(&SessionSchema) -> Result<S, AttributesError> + Send + Sync>;

/// Manages users, keys and sessions in an [`Adapter`](crate::Adapter): Lucia v2's `auth`.
///
/// `U` and `S` are the application's types for the attributes of users and sessions. Cloning is cheap; clones share
/// their state. Start with [`Auth::builder`].
///
/// ```
/// use lucia_auth::{Auth, NewSession, NewUser, memory::MemoryAdapter};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Profile { username: String }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let auth = Auth::builder(MemoryAdapter::new()).user_attributes::<Profile>().build()?;
/// let user = auth.create_user(NewUser::new().attributes(&Profile { username: "ada".into() })).await?;
/// let session = auth.create_session(NewSession::new(user.id)).await?;
///
/// let session = auth.validate_session(&session.token).await?;
/// assert_eq!(session.user.attributes.username, "ada");
/// # Ok(()) }
/// ```
pub struct Auth<U = NoAttributes, S = NoAttributes> {
    shared: Arc<Shared<U, S>>,
}

struct Shared<U, S> {
    adapter: NamedAdapter,
    clock: Box<dyn Clock>,
    env: Env,
    csrf: Csrf,
    session_cookie: SessionCookie,
    session_ids: SessionIds,
    lifetime: Lifetime,
    throttle: Throttle,
    #[cfg(feature = "password")]
    passwords: Passwords,
    #[cfg(feature = "password")]
    rehash_on_use: bool,
    new_user_id: NewUserId,
    sign_out_unreadable_sessions: bool,
    check_users_only_at_renewal: bool,
    user_attributes: UserAttributes<U>,
    session_attributes: SessionAttributes<S>,
}

impl<U, S> Auth<U, S> {
    fn new(shared: Shared<U, S>) -> Self {
        Self { shared: Arc::new(shared) }
    }

    /// Returns `true` if both are clones of one `Auth`.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    fn adapter(&self) -> &NamedAdapter {
        &self.shared.adapter
    }

    fn clock(&self) -> &dyn Clock {
        &*self.shared.clock
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.shared.clock.now()
    }

    /// Returns the time before which records have expired for every process, even if the clock of this one is ahead.
    pub(crate) fn expired_before(&self) -> UnixMillis {
        UnixMillis::new(self.now().get().saturating_sub(MAX_CLOCK_SKEW))
    }

    fn env(&self) -> Env {
        self.shared.env
    }

    fn csrf(&self) -> &Csrf {
        &self.shared.csrf
    }

    fn session_cookie(&self) -> &SessionCookie {
        &self.shared.session_cookie
    }

    fn session_ids(&self) -> SessionIds {
        self.shared.session_ids
    }

    fn lifetime(&self) -> &Lifetime {
        &self.shared.lifetime
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.shared.throttle
    }

    #[cfg(feature = "password")]
    fn passwords(&self) -> &Passwords {
        &self.shared.passwords
    }

    #[cfg(feature = "password")]
    fn rehashes_on_use(&self) -> bool {
        self.shared.rehash_on_use
    }

    fn new_user_id(&self) -> Result<UserId, Error> {
        (self.shared.new_user_id)()
    }

    fn signs_out_unreadable_sessions(&self) -> bool {
        self.shared.sign_out_unreadable_sessions
    }

    fn checks_users_only_at_renewal(&self) -> bool {
        self.shared.check_users_only_at_renewal
    }

    fn user_attributes(&self, row: &UserSchema) -> Result<U, Error> {
        (self.shared.user_attributes)(row).map_err(Error::Attributes)
    }

    fn session_attributes(&self, row: &SessionSchema) -> Result<S, Error> {
        (self.shared.session_attributes)(row).map_err(Error::Attributes)
    }
}

impl<U, S> Clone for Auth<U, S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<U, S> fmt::Debug for Auth<U, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut auth = f.debug_struct("Auth");
        auth.field("adapter", &self.shared.adapter)
            .field("env", &self.shared.env)
            .field("csrf", &self.shared.csrf)
            .field("session_cookie", &self.shared.session_cookie)
            .field("session_ids", &self.shared.session_ids)
            .field("lifetime", &self.shared.lifetime)
            .field("throttle", &self.shared.throttle);
        #[cfg(feature = "password")]
        auth.field("passwords", &self.shared.passwords);
        auth.finish_non_exhaustive()
    }
}

#[cfg(feature = "password")]
use std::sync::Arc;
use std::{fmt, time::Duration};

use lucia_core::{Adapter, Attributes, AttributesError, Clock, SessionSchema, SystemClock, UserId, UserSchema};
use serde::de::DeserializeOwned;

use super::{Auth, BuildError, NewUserId, SessionAttributes, Shared, UserAttributes};
use crate::{
    Csrf, Env, Error, NoAttributes, SessionCookie, SessionIds, SessionPeriods, Throttle,
    adapter::NamedAdapter,
    lifetime::{Lifetime, Periods},
    random::random_string,
};
#[cfg(feature = "password")]
use crate::{
    LuciaScrypt,
    password::{PasswordConfig, Passwords},
};

const USER_ID_LENGTH: usize = 15;

/// Configures an [`Auth`], with every option of Lucia v2 and additional ones.
///
/// ```
/// use std::time::Duration;
/// use lucia_auth::{Auth, Csrf, Env, SessionCookie, SessionPeriods, memory::MemoryAdapter};
///
/// let auth = Auth::builder(MemoryAdapter::new())
///     .env(Env::Prod)
///     .session_expires_in(SessionPeriods { idle: Duration::from_secs(30 * 86_400), ..SessionPeriods::default() })
///     .session_cookie(SessionCookie::new().name("__Host-session"))
///     .csrf_protection(Csrf::new().trusted_origins(["https://admin.example.com"]))
///     .build()?;
/// # Ok::<(), lucia_auth::BuildError>(())
/// ```
#[must_use]
pub struct AuthBuilder<U = NoAttributes, S = NoAttributes> {
    pub(super) config: Config,
    user_attributes: UserAttributes<U>,
    session_attributes: SessionAttributes<S>,
}

pub(super) struct Config {
    adapter: NamedAdapter,
    clock: Option<Box<dyn Clock>>,
    env: Env,
    csrf: Csrf,
    session_cookie: SessionCookie,
    session_ids: SessionIds,
    lifetime: Lifetime,
    throttle: Throttle,
    #[cfg(feature = "password")]
    pub(super) passwords: PasswordConfig,
    new_user_id: NewUserId,
    sign_out_unreadable_sessions: bool,
    check_users_only_at_renewal: bool,
    has_user_attributes: bool,
}

impl Auth {
    /// Creates a builder with `adapter` and the default options.
    pub fn builder(adapter: impl Adapter) -> AuthBuilder {
        AuthBuilder::new(adapter)
    }
}

impl AuthBuilder {
    fn new(adapter: impl Adapter) -> Self {
        Self {
            config: Config {
                adapter: NamedAdapter::new(adapter),
                clock: SystemClock::detect(),
                env: Env::Prod,
                csrf: Csrf::new(),
                session_cookie: SessionCookie::new(),
                session_ids: SessionIds::default(),
                lifetime: Lifetime::default(),
                throttle: Throttle::default(),
                #[cfg(feature = "password")]
                passwords: PasswordConfig::default(),
                new_user_id: Box::new(random_user_id),
                sign_out_unreadable_sessions: false,
                check_users_only_at_renewal: false,
                has_user_attributes: false,
            },
            user_attributes: Box::new(|_| Ok(NoAttributes {})),
            session_attributes: Box::new(|_| Ok(NoAttributes {})),
        }
    }
}

impl<U, S> AuthBuilder<U, S> {
    /// Sets the type of user attributes. Columns without a field in `T` are omitted.
    pub fn user_attributes<T: DeserializeOwned>(self) -> AuthBuilder<T, S> {
        self.user_attributes_with(|user| user.attributes().deserialize())
    }

    /// Sets the function that converts a user's row into its attributes: Lucia's `getUserAttributes`.
    ///
    /// It runs on every read of a user.
    #[doc(alias = "getUserAttributes")]
    pub fn user_attributes_with<T>(
        self,
        get: impl Fn(&UserSchema) -> Result<T, AttributesError> + Send + Sync + 'static,
    ) -> AuthBuilder<T, S> {
        let config = Config { has_user_attributes: true, ..self.config };
        AuthBuilder { config, user_attributes: Box::new(get), session_attributes: self.session_attributes }
    }

    /// Sets the type of session attributes. Columns without a field in `T` are omitted.
    pub fn session_attributes<T: DeserializeOwned>(self) -> AuthBuilder<U, T> {
        self.session_attributes_with(|session| session.attributes().deserialize())
    }

    /// Sets the function that converts a session's row into its attributes: Lucia's `getSessionAttributes`.
    ///
    /// It runs on every read of a session.
    #[doc(alias = "getSessionAttributes")]
    pub fn session_attributes_with<T>(
        self,
        get: impl Fn(&SessionSchema) -> Result<T, AttributesError> + Send + Sync + 'static,
    ) -> AuthBuilder<U, T> {
        AuthBuilder { config: self.config, user_attributes: self.user_attributes, session_attributes: Box::new(get) }
    }

    /// Sets whether a session is treated as signed out, with a warning in the log, if its row does not fit `S` or its
    /// user's row does not fit `U`, for example because a migration added a field. The row is kept. Defaults to
    /// `false`, with which validations fail with [`Error::Attributes`](crate::Error::Attributes).
    pub fn sign_out_unreadable_sessions(mut self, sign_out: bool) -> Self {
        self.config.sign_out_unreadable_sessions = sign_out;
        self
    }

    /// Sets that an active session is read without its user, for applications without user attributes. Defaults to reading
    /// both.
    ///
    /// This saves a read of each request if users and sessions are in two stores, joined by a
    /// [`SplitAdapter`](crate::SplitAdapter). A session that is idle, and one that is rotated, is still read with its user,
    /// and is deleted if there is none.
    ///
    /// [`Auth::delete_user`] ends the sessions of a user when the store ends sessions: at once, unless it is eventually
    /// consistent. If an application deletes a user in the database by other means, they stay signed in until the
    /// [active period](Self::session_expires_in) of the session ends, at most a day later by default. Until then a new user
    /// with the same id would have this session: never reuse ids.
    ///
    /// ```
    /// use lucia_auth::{Auth, SplitAdapter, memory::MemoryAdapter};
    ///
    /// let adapter = SplitAdapter::new(MemoryAdapter::new(), MemoryAdapter::without_foreign_keys());
    /// let auth = Auth::builder(adapter).check_users_only_at_renewal().build()?;
    /// # Ok::<(), lucia_auth::BuildError>(())
    /// ```
    pub fn check_users_only_at_renewal(mut self) -> Self {
        self.config.check_users_only_at_renewal = true;
        self
    }

    /// Sets the function that generates the ids of new users without a [`NewUser::id`](crate::NewUser::id). Defaults to
    /// 15 random characters of `a-z` and `0-9`.
    ///
    /// ```
    /// use lucia_auth::{Auth, UserId, memory::MemoryAdapter};
    ///
    /// # fn new_uuid() -> String { "f81d4fae-7dec-41d0-a765-00a0c91e6bf6".to_owned() }
    /// // For a column of type `uuid`, use `uuid::Uuid::now_v7().to_string()`.
    /// let auth = Auth::builder(MemoryAdapter::new()).user_id(|| UserId::new(new_uuid())).build()?;
    /// # Ok::<(), lucia_auth::BuildError>(())
    /// ```
    pub fn user_id(mut self, generate: impl Fn() -> UserId + Send + Sync + 'static) -> Self {
        self.config.new_user_id = Box::new(move || Ok(generate()));
        self
    }

    /// Sets the environment. In [`Env::Prod`] cookies are `Secure` and the site's origin must be `https`. Defaults to
    /// [`Env::Prod`].
    pub fn env(mut self, env: Env) -> Self {
        self.config.env = env;
        self
    }

    /// Sets which requests may use the session cookie. Defaults to [`Csrf::new`], which accepts those of the site
    /// itself.
    pub fn csrf_protection(mut self, csrf: Csrf) -> Self {
        self.config.csrf = csrf;
        self
    }

    /// Sets the session cookie's name and attributes. Defaults to [`SessionCookie::new`].
    pub fn session_cookie(mut self, cookie: SessionCookie) -> Self {
        self.config.session_cookie = cookie;
        self
    }

    /// Sets how the tokens of sessions are stored. Defaults to [`SessionIds::HashedAndPlain`].
    ///
    /// ```
    /// use lucia_auth::{Auth, SessionIds, memory::MemoryAdapter};
    ///
    /// // A new installation has no sessions of Lucia v2.
    /// let auth = Auth::builder(MemoryAdapter::new()).session_ids(SessionIds::Hashed).build()?;
    /// # Ok::<(), lucia_auth::BuildError>(())
    /// ```
    pub fn session_ids(mut self, session_ids: SessionIds) -> Self {
        self.config.session_ids = session_ids;
        self
    }

    /// Sets what it takes while Lucia v2 runs beside this process on the same store: tokens are stored as they are
    /// ([`SessionIds::Plain`]) and passwords are hashed like Lucia's (`LuciaScrypt`, with the
    /// feature `password`).
    ///
    /// The cookie has Lucia's name and attributes by default. A store with several layouts of keys must be set to that
    /// of Lucia's adapter, such as `RedisConfig::lucia_2()`. Once Lucia v2 is off, remove this: the sessions go on, and move
    /// to hashes as they are renewed.
    ///
    /// ```
    /// use lucia_auth::{Auth, memory::MemoryAdapter};
    ///
    /// let auth = Auth::builder(MemoryAdapter::new()).beside_lucia_js().build()?;
    /// # Ok::<(), lucia_auth::BuildError>(())
    /// ```
    pub fn beside_lucia_js(mut self) -> Self {
        self.config.session_ids = SessionIds::Plain;
        #[cfg(feature = "password")]
        {
            self.config.passwords.hasher = Arc::new(LuciaScrypt::default());
            self.config.passwords.rehash_on_use = false;
        }
        self
    }

    /// Sets the periods of every session. Defaults to one day active and 14 days idle.
    pub fn session_expires_in(mut self, periods: SessionPeriods) -> Self {
        self.config.lifetime.periods = Periods::Fixed(periods);
        self
    }

    /// Sets the function that determines a session's periods from its attributes, for example for "remember me". It
    /// runs at creation and at every renewal. A session with two zero periods has expired when it is created. Defaults
    /// to one day active and 14 days idle.
    ///
    /// ```
    /// use std::time::Duration;
    /// use lucia_auth::{Auth, SessionPeriods, memory::MemoryAdapter};
    ///
    /// let auth = Auth::builder(MemoryAdapter::new()).session_periods(|attributes| {
    ///     let remember = attributes.get("remember").and_then(|value| value.as_bool()).unwrap_or(false);
    ///     let idle = Duration::from_secs(if remember { 90 * 86_400 } else { 3_600 });
    ///     SessionPeriods { active: Duration::from_secs(3_600), idle }
    /// });
    /// ```
    pub fn session_periods(mut self, periods: impl Fn(&Attributes) -> SessionPeriods + Send + Sync + 'static) -> Self {
        self.config.lifetime.periods = Periods::ByAttributes(Box::new(periods));
        self
    }

    /// Sets the function that determines from a session's attributes whether its cookie outlives the browser, for example
    /// for "remember me". Otherwise the cookie has no expiry, and browsers delete it when they are closed. Defaults to
    /// all sessions.
    ///
    /// Give the others short [periods](Self::session_periods) as well: a browser that restores its windows keeps such
    /// cookies.
    ///
    /// ```
    /// use lucia_auth::{Auth, memory::MemoryAdapter};
    ///
    /// let auth = Auth::builder(MemoryAdapter::new())
    ///     .persistent_cookie(|attributes| attributes.get("remember").is_some_and(|value| value == true))
    ///     .build()?;
    /// # Ok::<(), lucia_auth::BuildError>(())
    /// ```
    pub fn persistent_cookie(mut self, is_persistent: impl Fn(&Attributes) -> bool + Send + Sync + 'static) -> Self {
        self.config.lifetime.persistent_cookie = Some(Box::new(is_persistent));
        self
    }

    /// Sets the session attribute that stores when a session was created, for
    /// [`Session::created_at`](crate::Session::created_at). Defaults to none.
    ///
    /// It is in milliseconds; in a database it is a 64-bit integer or date column. Only `Auth` sets it. A session
    /// created before this option was set gets it with its next renewal or rotation.
    pub fn session_created_at(mut self, attribute: impl Into<String>) -> Self {
        self.config.lifetime.created_at = Some(attribute.into());
        self
    }

    /// Sets the session attribute that stores when the user of a session was last authenticated, for
    /// [`Session::authenticated_within`](crate::Session::authenticated_within) and `Auth::confirm_password`. Defaults to
    /// none.
    ///
    /// It is in milliseconds; in a database it is a 64-bit integer or date column. Only `Auth` sets it: when it creates a
    /// session, and when the user authenticates again. A session created before this option was set is never recent.
    pub fn session_authenticated_at(mut self, attribute: impl Into<String>) -> Self {
        self.config.lifetime.authenticated_at = Some(attribute.into());
        self
    }

    /// Sets the time after its creation at which a session expires, however often it is renewed. Defaults to no limit.
    ///
    /// Requires [`session_created_at`](Self::session_created_at). If that attribute of a session is not a time, the
    /// session has expired.
    pub fn absolute_session_lifetime(mut self, max: Duration) -> Self {
        self.config.lifetime.absolute = Some(max);
        self
    }

    /// Sets how many sessions a user has at most: a new one ends the oldest. Defaults to no limit.
    ///
    /// Requires [`session_created_at`](Self::session_created_at); sessions without that time count as the oldest. A new
    /// session does not end itself, even if the clock of its process is behind. Sign-ins that exceed the limit in parallel
    /// may end each other's sessions.
    pub fn max_sessions_per_user(mut self, max: usize) -> Self {
        self.config.lifetime.max_sessions_per_user = Some(max);
        self
    }

    /// Sets how often passwords may be guessed. Defaults to [`Throttle::in_memory`], which counts in each process.
    pub fn throttle(mut self, throttle: Throttle) -> Self {
        self.config.throttle = throttle;
        self
    }

    /// Sets the source of the current time. Defaults to [`SystemClock`].
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.config.clock = Some(Box::new(clock));
        self
    }

    /// Builds the [`Auth`].
    ///
    /// # Errors
    /// Returns a [`BuildError`] for an invalid option.
    pub fn build(self) -> Result<Auth<U, S>, BuildError> {
        let config = self.config;
        config.lifetime.check()?;
        if config.check_users_only_at_renewal && config.has_user_attributes {
            return Err(BuildError::UserAttributesAreNotRead);
        }
        if let Some(option) = config.throttle.zero_limit() {
            return Err(BuildError::ZeroLimit { option });
        }
        #[cfg(feature = "password")]
        config.passwords.check()?;
        config.csrf.validate()?;
        config.session_cookie.validate(config.env)?;
        Ok(Auth::new(Shared {
            adapter: config.adapter,
            clock: config.clock.ok_or(BuildError::NoClock)?,
            env: config.env,
            csrf: config.csrf,
            session_cookie: config.session_cookie,
            session_ids: config.session_ids,
            lifetime: config.lifetime,
            throttle: config.throttle,
            #[cfg(feature = "password")]
            rehash_on_use: config.passwords.rehash_on_use,
            #[cfg(feature = "password")]
            passwords: Passwords::new(config.passwords),
            new_user_id: config.new_user_id,
            sign_out_unreadable_sessions: config.sign_out_unreadable_sessions,
            check_users_only_at_renewal: config.check_users_only_at_renewal,
            user_attributes: self.user_attributes,
            session_attributes: self.session_attributes,
        }))
    }
}

impl<U, S> fmt::Debug for AuthBuilder<U, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthBuilder")
            .field("adapter", &self.config.adapter)
            .field("env", &self.config.env)
            .finish_non_exhaustive()
    }
}

fn random_user_id() -> Result<UserId, Error> {
    Ok(UserId::new(random_string(USER_ID_LENGTH).map_err(Error::Random)?))
}

//! The lifetime of sessions.

use std::{fmt, time::Duration};

use lucia_core::{Attributes, AttributesError, SessionSchema, SessionUpdate, UnixMillis};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// The periods of a session after its creation or renewal, truncated to milliseconds.
///
/// ```
/// use std::time::Duration;
/// use lucia_auth::SessionPeriods;
///
/// let remembered = SessionPeriods { idle: Duration::from_secs(90 * 86_400), ..SessionPeriods::default() };
/// assert_eq!(remembered.active, Duration::from_secs(86_400));
/// ```
// Exhaustive, so that the application can write it as a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPeriods {
    /// The period in which the session is valid without a write. Defaults to one day.
    pub active: Duration,
    /// The following period, in which a request renews the session. Defaults to 14 days.
    pub idle: Duration,
}

impl Default for SessionPeriods {
    fn default() -> Self {
        const DAY: u64 = 86_400;
        Self { active: Duration::from_secs(DAY), idle: Duration::from_secs(14 * DAY) }
    }
}

/// How long after a renewal page loads set the cookie again: the time in which users reload a page that did not load.
const RESENDING: Duration = Duration::from_secs(10 * 60);

type PeriodsOf = dyn Fn(&Attributes) -> SessionPeriods + Send + Sync;
type IsPersistent = dyn Fn(&Attributes) -> bool + Send + Sync;

/// The periods of sessions.
pub(crate) enum Periods {
    Fixed(SessionPeriods),
    ByAttributes(Box<PeriodsOf>),
}

/// The lifetime of sessions: periods that a renewal restarts, and an absolute limit.
pub(crate) struct Lifetime {
    pub(crate) periods: Periods,
    /// The attribute that stores when a session was created.
    pub(crate) created_at: Option<String>,
    /// The attribute that stores when the user of a session was last authenticated.
    pub(crate) authenticated_at: Option<String>,
    /// The limit from the creation of a session.
    pub(crate) absolute: Option<Duration>,
    pub(crate) max_sessions_per_user: Option<usize>,
    /// Decides whether the cookie of a session outlives the browser. `None` if all do.
    pub(crate) persistent_cookie: Option<Box<IsPersistent>>,
}

impl Default for Lifetime {
    fn default() -> Self {
        Self {
            periods: Periods::Fixed(SessionPeriods::default()),
            created_at: None,
            authenticated_at: None,
            absolute: None,
            max_sessions_per_user: None,
            persistent_cookie: None,
        }
    }
}

/// The ends of a session's active and idle periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expiry {
    pub(crate) active: UnixMillis,
    pub(crate) idle: UnixMillis,
}

impl Periods {
    fn of(&self, attributes: &Attributes) -> SessionPeriods {
        match self {
            Self::Fixed(periods) => *periods,
            Self::ByAttributes(periods) => periods(attributes),
        }
    }
}

impl Lifetime {
    /// Returns the attributes of a new session: the application's, and the times of its creation and authentication.
    pub(crate) fn start(&self, mut attributes: Attributes, now: UnixMillis) -> Attributes {
        for attribute in self.times() {
            attributes.insert(attribute, now.get());
        }
        attributes
    }

    /// Returns the attributes that only `Auth` sets.
    fn times(&self) -> impl Iterator<Item = &String> {
        self.created_at.iter().chain(&self.authenticated_at)
    }

    /// Returns the expiry of a session that is created or renewed now.
    pub(crate) fn renew(&self, attributes: &Attributes, now: UnixMillis) -> Expiry {
        let SessionPeriods { active, idle } = self.periods.of(attributes);
        let active = now.saturating_add(active);
        self.cap(attributes, Expiry { active, idle: active.saturating_add(idle) })
    }

    /// Returns the expiry of a stored session. An absolute lifetime also applies to sessions that are older than the
    /// option.
    pub(crate) fn of(&self, session: &SessionSchema) -> Expiry {
        self.cap(session.attributes(), Expiry { active: session.active_expires, idle: session.idle_expires })
    }

    /// Returns the update that restarts the periods of a session. A session without a creation time counts as created
    /// now.
    pub(crate) fn renewal(&self, session: &SessionSchema, now: UnixMillis) -> SessionUpdate {
        self.renewal_with(Attributes::new(), session, now)
    }

    /// Returns the update that restarts the periods of a session whose user is authenticated now.
    pub(crate) fn reauthentication(&self, session: &SessionSchema, now: UnixMillis) -> SessionUpdate {
        let attributes = self.authenticated_at.iter().map(|attribute| (attribute.as_str(), now.get()));
        self.renewal_with(attributes.collect(), session, now)
    }

    fn renewal_with(&self, mut attributes: Attributes, session: &SessionSchema, now: UnixMillis) -> SessionUpdate {
        let expiry = self.renew(session.attributes(), now);
        let update = SessionUpdate::renewal(expiry.active, expiry.idle);
        if let Some(created_at) = &self.created_at
            && self.created_at(session.attributes()).is_none()
        {
            attributes.insert(created_at, now.get());
        }
        // The builder rejects reserved names, so this cannot fail.
        update.clone().with_attributes(attributes).unwrap_or(update)
    }

    /// Returns `true` if a session was created or renewed so recently that the client may not have its cookie.
    ///
    /// If the response of a renewal is lost, the client's cookie expires before its session, without the server
    /// knowing. The following page loads therefore set it again.
    pub(crate) fn was_stored_recently(&self, session: &SessionSchema, now: UnixMillis) -> bool {
        let SessionPeriods { active, .. } = self.periods.of(session.attributes());
        let left = session.active_expires.saturating_duration_since(now);
        active.checked_sub(left).is_some_and(|age| !age.is_zero() && age <= RESENDING)
    }

    /// Rejects attributes of the application that would change the time of the creation or authentication.
    pub(crate) fn check_update(&self, attributes: &Attributes) -> Result<(), AttributesError> {
        match self.times().find(|attribute| attributes.contains(attribute)) {
            Some(attribute) => Err(AttributesError::Reserved { name: attribute.clone() }),
            None => Ok(()),
        }
    }

    /// Returns when a session was created or last renewed, or a time before if the absolute lifetime shortened its active
    /// period.
    pub(crate) fn last_renewed_at(&self, session: &SessionSchema) -> UnixMillis {
        let SessionPeriods { active, .. } = self.periods.of(session.attributes());
        let active = i64::try_from(active.as_millis()).unwrap_or(i64::MAX);
        let start = UnixMillis::new(session.active_expires.get().saturating_sub(active));
        self.created_at(session.attributes()).map_or(start, |created_at| start.max(created_at))
    }

    fn cap(&self, attributes: &Attributes, expiry: Expiry) -> Expiry {
        let end = self.absolute.and_then(|max| Some(self.created_at(attributes)?.saturating_add(max)));
        match end {
            Some(end) => Expiry { active: expiry.active.min(end), idle: expiry.idle.min(end) },
            None => expiry,
        }
    }

    /// Returns `true` if the cookie of a session outlives the browser.
    pub(crate) fn has_persistent_cookie(&self, attributes: &Attributes) -> bool {
        self.persistent_cookie.as_ref().is_none_or(|is_persistent| is_persistent(attributes))
    }

    /// Returns how many sessions a user has at most, and the attribute that stores when they were created.
    pub(crate) fn max_sessions_per_user(&self) -> Option<(usize, &str)> {
        Some((self.max_sessions_per_user?, self.created_at.as_deref()?))
    }

    /// Returns the creation time of a session, or `None` if it has none. A value that is not a time is the earliest one,
    /// so that an absolute lifetime has ended.
    pub(crate) fn created_at(&self, attributes: &Attributes) -> Option<UnixMillis> {
        match attributes.get(self.created_at.as_ref()?)? {
            Value::Null => None,
            value => Some(time(value).unwrap_or(UnixMillis::new(i64::MIN))),
        }
    }

    /// Returns when the user of a session was last authenticated, or `None` if that is not known.
    pub(crate) fn authenticated_at(&self, attributes: &Attributes) -> Option<UnixMillis> {
        time(attributes.get(self.authenticated_at.as_ref()?)?)
    }
}

/// Parses a time: milliseconds, or the text of a date column.
fn time(value: &Value) -> Option<UnixMillis> {
    match value {
        #[expect(clippy::cast_possible_truncation, reason = "a double beyond 64 bits saturates")]
        Value::Number(millis) => {
            let whole = || millis.as_f64().filter(|millis| millis.fract() == 0.0).map(|millis| millis as i64);
            millis.as_i64().or_else(whole).map(UnixMillis::new)
        }
        Value::String(text) => {
            let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
            i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000)).ok().map(UnixMillis::new)
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

impl fmt::Debug for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lifetime").field("absolute", &self.absolute).finish_non_exhaustive()
    }
}

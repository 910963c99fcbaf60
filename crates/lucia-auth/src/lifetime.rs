//! How long sessions live.

use std::{fmt, time::Duration};

use lucia_core::{Attributes, AttributesError, SessionSchema, SessionUpdate, UnixMillis};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// How long a session lives after it was created or renewed. Both are cut to whole milliseconds.
///
/// ```
/// use std::time::Duration;
/// use lucia_auth::SessionPeriods;
///
/// let remembered = SessionPeriods { idle: Duration::from_secs(90 * 86_400), ..SessionPeriods::default() };
/// assert_eq!(remembered.active, Duration::from_secs(86_400));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPeriods {
    /// How long the session is valid as it is, without a write. One day by default.
    pub active: Duration,
    /// How long after that a request renews it. 14 days by default.
    pub idle: Duration,
}

impl Default for SessionPeriods {
    fn default() -> Self {
        const DAY: u64 = 86_400;
        Self { active: Duration::from_secs(DAY), idle: Duration::from_secs(14 * DAY) }
    }
}

/// How long after a renewal page loads set the cookie again: as long as a person tries again whose page did not come.
const RESENDING: Duration = Duration::from_secs(10 * 60);

type PeriodsOf = dyn Fn(&Attributes) -> SessionPeriods + Send + Sync;

/// The periods of sessions.
pub(crate) enum Periods {
    Fixed(SessionPeriods),
    ByAttributes(Box<PeriodsOf>),
}

/// How long sessions live: periods that a renewal restarts, and an end that no renewal moves.
pub(crate) struct Lifetime {
    pub(crate) periods: Periods,
    pub(crate) absolute: Option<AbsoluteLifetime>,
}

/// An end of every session, counted from its creation, which a session attribute remembers.
#[derive(Debug)]
pub(crate) struct AbsoluteLifetime {
    pub(crate) max: Duration,
    pub(crate) started_at: String,
}

/// When a session is active, and when it is valid at all.
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
    /// The attributes of a session that is created now: those that the application gave, and when it was.
    pub(crate) fn start(&self, mut attributes: Attributes, now: UnixMillis) -> Attributes {
        if let Some(absolute) = &self.absolute {
            attributes.insert(&absolute.started_at, now.get());
        }
        attributes
    }

    /// The expiry of a session that is created or renewed now.
    pub(crate) fn renew(&self, attributes: &Attributes, now: UnixMillis) -> Expiry {
        let SessionPeriods { active, idle } = self.periods.of(attributes);
        let active = now.saturating_add(active);
        self.cap(attributes, Expiry { active, idle: active.saturating_add(idle) })
    }

    /// The expiry of a stored session. An absolute lifetime holds for sessions that are older than the option, too.
    pub(crate) fn of(&self, session: &SessionSchema) -> Expiry {
        self.cap(session.attributes(), Expiry { active: session.active_expires, idle: session.idle_expires })
    }

    /// What a renewal writes. A session from before there was an absolute lifetime starts to count with its first renewal.
    pub(crate) fn renewal(&self, session: &SessionSchema, expiry: Expiry, now: UnixMillis) -> SessionUpdate {
        let update =
            SessionUpdate::renewal(expiry.active, expiry.idle).with_expected_idle_expires(session.idle_expires);
        let unstarted = self.absolute.as_ref().filter(|absolute| absolute.started_at(session.attributes()).is_none());
        match unstarted {
            // The builder refuses reserved names, so this update cannot be refused.
            Some(absolute) => update
                .clone()
                .with_attributes(Attributes::from([(absolute.started_at.as_str(), now.get())]))
                .unwrap_or(update),
            None => update,
        }
    }

    /// Returns whether an active session was renewed, or created, so recently that the client may not have its cookie.
    ///
    /// A request that is abandoned may have renewed its session. The client then holds a cookie that expires before its
    /// session does, and nothing tells the server; so the page loads that follow set it again.
    pub(crate) fn was_stored_recently(&self, session: &SessionSchema, now: UnixMillis) -> bool {
        let SessionPeriods { active, .. } = self.periods.of(session.attributes());
        let left = session.active_expires.saturating_duration_since(now);
        active.checked_sub(left).is_some_and(|age| !age.is_zero() && age <= RESENDING)
    }

    /// Refuses to let the application move the start of a session.
    pub(crate) fn check_update(&self, attributes: &Attributes) -> Result<(), AttributesError> {
        match &self.absolute {
            Some(absolute) if attributes.contains(&absolute.started_at) => {
                Err(AttributesError::Reserved { name: absolute.started_at.clone() })
            }
            _ => Ok(()),
        }
    }

    fn cap(&self, attributes: &Attributes, expiry: Expiry) -> Expiry {
        let end = self
            .absolute
            .as_ref()
            .and_then(|absolute| Some(absolute.started_at(attributes)?.saturating_add(absolute.max)));
        match end {
            Some(end) => Expiry { active: expiry.active.min(end), idle: expiry.idle.min(end) },
            None => expiry,
        }
    }
}

impl AbsoluteLifetime {
    /// When a session started: milliseconds, or the text that an adapter makes of a column of dates.
    fn started_at(&self, attributes: &Attributes) -> Option<UnixMillis> {
        match attributes.get(&self.started_at)? {
            Value::Number(millis) => millis.as_i64().map(UnixMillis::new),
            Value::String(text) => {
                let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
                i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000)).ok().map(UnixMillis::new)
            }
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

impl fmt::Debug for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lifetime").field("absolute", &self.absolute).finish_non_exhaustive()
    }
}

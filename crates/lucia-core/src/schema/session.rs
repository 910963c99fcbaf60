use std::cmp::Ordering;

use serde_json::Value;

use crate::{Attributes, AttributesError, SessionId, UnixMillis, UserId};

const RESERVED: &[&str] = &["id", "user_id", "active_expires", "idle_expires"];

/// One row of the session table: who is signed in, until when, and the application's own columns.
///
/// ```
/// use lucia_core::{SessionSchema, UnixMillis};
///
/// let now = UnixMillis::new(1_700_000_000_000);
/// let session = SessionSchema::new("s1", "u1", now, now);
/// assert!(!session.is_expired(now));
/// assert!(session.is_expired(UnixMillis::new(now.get() + 1)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSchema {
    /// The primary key: the hash of the session's token or, in stores of Lucia v2, the token.
    pub id: SessionId,
    /// The user who is signed in.
    pub user_id: UserId,
    /// The last millisecond of the active period, during which the session is valid without renewal.
    pub active_expires: UnixMillis,
    /// The last millisecond of the idle period, during which the session is valid if it is renewed.
    pub idle_expires: UnixMillis,
    pub(super) attributes: Attributes,
}

impl SessionSchema {
    /// Creates a session without attributes.
    #[must_use]
    pub fn new(
        id: impl Into<SessionId>,
        user_id: impl Into<UserId>,
        active_expires: UnixMillis,
        idle_expires: UnixMillis,
    ) -> Self {
        Self { id: id.into(), user_id: user_id.into(), active_expires, idle_expires, attributes: Attributes::new() }
    }

    /// Replaces the attributes.
    ///
    /// # Errors
    /// Returns [`AttributesError::Reserved`] if one has the name of another field, or [`AttributesError::TooDeep`].
    pub fn with_attributes(mut self, attributes: Attributes) -> Result<Self, AttributesError> {
        self.attributes = attributes.writable(RESERVED)?;
        Ok(self)
    }

    /// Replaces the attributes with those of a stored row, at any depth. For adapters that read a row.
    ///
    /// # Errors
    /// Returns [`AttributesError::Reserved`] if one has the name of another field.
    pub fn with_stored_attributes(mut self, attributes: Attributes) -> Result<Self, AttributesError> {
        self.attributes = attributes.unreserved(RESERVED)?;
        Ok(self)
    }

    /// Returns the application's own columns.
    #[must_use]
    pub const fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// Returns `true` if `now` is after `idle_expires`.
    #[must_use]
    pub fn is_expired(&self, now: UnixMillis) -> bool {
        now > self.idle_expires
    }

    /// Compares two sessions as [`delete_oldest_sessions`](crate::SessionAdapter::delete_oldest_sessions) does. The
    /// greater one is younger; the session `keep` is the youngest.
    #[must_use]
    pub fn compare_age(&self, other: &Self, keep: &SessionId, created_at: &str) -> Ordering {
        let age = |session: &Self| {
            let created_at = session.attributes.get(created_at).and_then(Value::as_i64);
            (session.id == *keep, created_at, session.idle_expires)
        };
        age(self).cmp(&age(other)).then_with(|| self.id.cmp(&other.id))
    }

    /// Returns the row after an update, or `None` if the condition of the update is not met.
    ///
    /// ```
    /// use lucia_core::{SessionSchema, SessionUpdate, UnixMillis};
    ///
    /// let [old, new] = [1_000, 2_000].map(UnixMillis::new);
    /// let stored = SessionSchema::new("s1", "u1", old, old);
    /// let renewal = SessionUpdate::renewal(new, new).with_expected_idle_expires(old);
    /// let renewed = stored.updated(&renewal).expect("the first of two renewals");
    /// assert_eq!(renewed.idle_expires, new);
    /// assert_eq!(renewed.updated(&renewal), None, "the second one is a conflict");
    /// ```
    #[must_use]
    pub fn updated(&self, update: &SessionUpdate) -> Option<Self> {
        update.applies_to(self).then(|| {
            let mut session = self.clone();
            session.apply(update);
            session
        })
    }

    /// Returns the row after an update and under a new id, or `None` if the condition of the update is not met.
    #[must_use]
    pub fn rotated(&self, new_id: &SessionId, update: &SessionUpdate) -> Option<Self> {
        self.updated(update).map(|session| Self { id: new_id.clone(), ..session })
    }

    /// Applies an update like [`SessionAdapter::update_session`](crate::SessionAdapter::update_session), ignoring its
    /// condition.
    pub fn apply(&mut self, update: &SessionUpdate) {
        if let Some(active) = update.active_expires {
            self.active_expires = active;
        }
        if let Some(idle) = update.idle_expires {
            self.idle_expires = idle;
        }
        self.attributes.merge(&update.attributes);
    }
}

/// A partial update of a session. `None` keeps a field's value; an attribute may be set to null.
///
/// The id and the user of a session cannot change.
///
/// ```
/// use lucia_core::{Attributes, SessionUpdate};
///
/// let update = SessionUpdate::default().with_attributes(Attributes::from([("country", "NZ")]))?;
/// assert!(!update.is_empty());
/// # Ok::<(), lucia_core::AttributesError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionUpdate {
    /// The new end of the active period.
    pub active_expires: Option<UnixMillis>,
    /// The new end of the idle period.
    pub idle_expires: Option<UnixMillis>,
    /// A condition: the update fails with [`Conflict`](crate::AdapterErrorKind::Conflict) unless the stored
    /// `idle_expires` equals this. Of many requests that renew a session in parallel, one writes.
    pub expected_idle_expires: Option<UnixMillis>,
    attributes: Attributes,
}

impl SessionUpdate {
    /// Creates an update of both times, which renews a session.
    #[must_use]
    pub fn renewal(active_expires: UnixMillis, idle_expires: UnixMillis) -> Self {
        Self { active_expires: Some(active_expires), idle_expires: Some(idle_expires), ..Self::default() }
    }

    /// Sets a new end of the active period.
    #[must_use]
    pub const fn with_active_expires(mut self, active_expires: UnixMillis) -> Self {
        self.active_expires = Some(active_expires);
        self
    }

    /// Sets a new end of the idle period.
    #[must_use]
    pub const fn with_idle_expires(mut self, idle_expires: UnixMillis) -> Self {
        self.idle_expires = Some(idle_expires);
        self
    }

    /// Makes the update conditional on the stored `idle_expires`.
    #[must_use]
    pub const fn with_expected_idle_expires(mut self, idle_expires: UnixMillis) -> Self {
        self.expected_idle_expires = Some(idle_expires);
        self
    }

    /// Replaces the attributes to set.
    ///
    /// # Errors
    /// Returns [`AttributesError::Reserved`] if one has the name of another field, or [`AttributesError::TooDeep`].
    pub fn with_attributes(mut self, attributes: Attributes) -> Result<Self, AttributesError> {
        self.attributes = attributes.writable(RESERVED)?;
        Ok(self)
    }

    /// Returns the attributes to set.
    #[must_use]
    pub const fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// Returns `true` if no field is set, ignoring the condition.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.active_expires.is_none() && self.idle_expires.is_none() && self.attributes.is_empty()
    }

    /// Returns `true` if `session` meets the condition.
    #[must_use]
    pub fn applies_to(&self, session: &SessionSchema) -> bool {
        self.expected_idle_expires.is_none_or(|expected| expected == session.idle_expires)
    }
}

use crate::{Attributes, AttributesError, SessionId, UnixMillis, UserId};

const RESERVED: &[&str] = &["id", "user_id", "active_expires", "idle_expires"];

/// A row of the session table: who is signed in, until when, and the application's own columns.
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
    /// Primary key, and the secret that the client presents.
    pub id: SessionId,
    /// The user who is signed in.
    pub user_id: UserId,
    /// Until when, inclusive, the session is valid as it is.
    pub active_expires: UnixMillis,
    /// Until when, inclusive, the session is valid if it is renewed.
    pub idle_expires: UnixMillis,
    pub(super) attributes: Attributes,
}

impl SessionSchema {
    /// A session without attributes.
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
    /// [`AttributesError::Reserved`] if one has the name of another field (bug C8), and [`AttributesError::TooDeep`].
    pub fn with_attributes(mut self, attributes: Attributes) -> Result<Self, AttributesError> {
        self.attributes = attributes.writable(RESERVED)?;
        Ok(self)
    }

    /// Replaces the attributes with those of a stored row, for adapters that read one: however deep they are nested.
    ///
    /// # Errors
    /// [`AttributesError::Reserved`] if one has the name of another field.
    pub fn with_stored_attributes(mut self, attributes: Attributes) -> Result<Self, AttributesError> {
        self.attributes = attributes.unreserved(RESERVED)?;
        Ok(self)
    }

    /// The application's own columns.
    #[must_use]
    pub const fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// Whether the session has ended: `now` is after `idle_expires`.
    #[must_use]
    pub fn is_expired(&self, now: UnixMillis) -> bool {
        now > self.idle_expires
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

    /// Returns the row after an update under another id, or `None` if the condition of the update is not met.
    #[must_use]
    pub fn rotated(&self, new_id: &SessionId, update: &SessionUpdate) -> Option<Self> {
        self.updated(update).map(|session| Self { id: new_id.clone(), ..session })
    }

    /// Does to this row what [`SessionAdapter::update_session`](crate::SessionAdapter::update_session) does to a stored one,
    /// whether or not the condition of the update is met.
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

/// A partial update of a session. What is `None` or not named stays as it is; an attribute may be set to null.
///
/// The id and the user of a session cannot change (bugs C8, R10).
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
    /// A new end of the active period.
    pub active_expires: Option<UnixMillis>,
    /// A new end of the idle period.
    pub idle_expires: Option<UnixMillis>,
    /// A condition: the update is refused with [`Conflict`](crate::AdapterErrorKind::Conflict) if the stored
    /// `idle_expires` is another. Of many requests that renew a session at once, one writes.
    pub expected_idle_expires: Option<UnixMillis>,
    attributes: Attributes,
}

impl SessionUpdate {
    /// Creates an update of both times: what a renewal is.
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

    /// Makes it a condition that the stored `idle_expires` is this one.
    #[must_use]
    pub const fn with_expected_idle_expires(mut self, idle_expires: UnixMillis) -> Self {
        self.expected_idle_expires = Some(idle_expires);
        self
    }

    /// Replaces the attributes to set.
    ///
    /// # Errors
    /// [`AttributesError::Reserved`] if one has the name of another field, and [`AttributesError::TooDeep`].
    pub fn with_attributes(mut self, attributes: Attributes) -> Result<Self, AttributesError> {
        self.attributes = attributes.writable(RESERVED)?;
        Ok(self)
    }

    /// The attributes to set.
    #[must_use]
    pub const fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// Whether it changes nothing, whether or not its condition is met.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.active_expires.is_none() && self.idle_expires.is_none() && self.attributes.is_empty()
    }

    /// Whether `session` meets the condition.
    #[must_use]
    pub fn applies_to(&self, session: &SessionSchema) -> bool {
        self.expected_idle_expires.is_none_or(|expected| expected == session.idle_expires)
    }
}

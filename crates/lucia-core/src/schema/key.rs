use crate::{HashedPassword, KeyId, UserId};

/// A row of the key table: one way in which a user signs in.
///
/// ```
/// use lucia_core::{KeyId, KeySchema};
///
/// let key = KeySchema::new(KeyId::new("github", "583231")?, "u1");
/// assert_eq!(key.hashed_password, None);
/// # Ok::<(), lucia_core::InvalidKeyId>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeySchema {
    /// Primary key.
    pub id: KeyId,
    /// The user that it signs in.
    pub user_id: UserId,
    /// The hash of its password, if it has one.
    pub hashed_password: Option<HashedPassword>,
}

impl KeySchema {
    /// Creates a key without a password.
    #[must_use]
    pub fn new(id: KeyId, user_id: impl Into<UserId>) -> Self {
        Self { id, user_id: user_id.into(), hashed_password: None }
    }

    /// Adds a password hash.
    #[must_use]
    pub fn with_hashed_password(mut self, hash: HashedPassword) -> Self {
        self.hashed_password = Some(hash);
        self
    }

    /// Returns the row after an update, or `None` if the condition of the update is not met.
    #[must_use]
    pub fn updated(&self, update: &KeyUpdate) -> Option<Self> {
        update.applies_to(self).then(|| {
            let mut key = self.clone();
            key.apply(update);
            key
        })
    }

    /// Does to this row what [`UserAdapter::update_key`](crate::UserAdapter::update_key) does to a stored one, whether or not
    /// the condition of the update is met.
    pub fn apply(&mut self, update: &KeyUpdate) {
        if let Some(id) = &update.id {
            self.id.clone_from(id);
        }
        if let Some(hash) = &update.hashed_password {
            self.hashed_password.clone_from(hash);
        }
    }
}

/// A partial update of a key. What is `None` stays as it is.
///
/// ```
/// use lucia_core::{HashedPassword, KeyUpdate};
///
/// // Replace a hash, unless somebody changed the password in the meantime.
/// let update = KeyUpdate::default()
///     .with_hashed_password(Some(HashedPassword::new("new")))
///     .with_expected_hashed_password(HashedPassword::new("old"));
/// assert!(!update.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyUpdate {
    /// A new id, which the key is found by from then on.
    pub id: Option<KeyId>,
    /// A new hash, or `Some(None)` for no password.
    pub hashed_password: Option<Option<HashedPassword>>,
    /// A condition: the update is refused with [`Conflict`](crate::AdapterErrorKind::Conflict) if the stored hash is another.
    pub expected_hashed_password: Option<HashedPassword>,
}

impl KeyUpdate {
    /// Gives the key a new id.
    #[must_use]
    pub fn with_id(mut self, id: KeyId) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets a new hash, or none for no password.
    #[must_use]
    pub fn with_hashed_password(mut self, hash: Option<HashedPassword>) -> Self {
        self.hashed_password = Some(hash);
        self
    }

    /// Makes it a condition that the stored hash is this one.
    #[must_use]
    pub fn with_expected_hashed_password(mut self, hash: HashedPassword) -> Self {
        self.expected_hashed_password = Some(hash);
        self
    }

    /// Returns `true` if no field is set; the condition is ignored.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.id.is_none() && self.hashed_password.is_none()
    }

    /// Returns whether `key` meets the condition.
    #[must_use]
    pub fn applies_to(&self, key: &KeySchema) -> bool {
        self.expected_hashed_password.is_none() || self.expected_hashed_password == key.hashed_password
    }
}

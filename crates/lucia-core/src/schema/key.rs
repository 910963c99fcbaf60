use crate::{HashedPassword, KeyId, UserId};

/// One row of the key table: a way in which a user signs in.
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
    /// The primary key.
    pub id: KeyId,
    /// The user whom the key signs in.
    pub user_id: UserId,
    /// The hash of the key's password, if any.
    pub hashed_password: Option<HashedPassword>,
}

impl KeySchema {
    /// Creates a key without a password.
    #[must_use]
    pub fn new(id: KeyId, user_id: impl Into<UserId>) -> Self {
        Self { id, user_id: user_id.into(), hashed_password: None }
    }

    /// Sets the password hash.
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

    /// Applies an update like [`UserAdapter::update_key`](crate::UserAdapter::update_key), ignoring its condition.
    pub fn apply(&mut self, update: &KeyUpdate) {
        if let Some(id) = &update.id {
            self.id.clone_from(id);
        }
        if let Some(hash) = &update.hashed_password {
            self.hashed_password.clone_from(hash);
        }
    }
}

/// A partial update of a key. `None` keeps a field's value.
///
/// ```
/// use lucia_core::{HashedPassword, KeyUpdate};
///
/// // Replace a hash, unless the password changed meanwhile.
/// let update = KeyUpdate::default()
///     .with_hashed_password(Some(HashedPassword::new("new")))
///     .with_expected_hashed_password(HashedPassword::new("old"));
/// assert!(!update.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyUpdate {
    /// The new id.
    pub id: Option<KeyId>,
    /// The new hash, or `Some(None)` to remove the password.
    pub hashed_password: Option<Option<HashedPassword>>,
    /// A condition: the update fails with [`Conflict`](crate::AdapterErrorKind::Conflict) unless the stored hash equals
    /// this.
    pub expected_hashed_password: Option<HashedPassword>,
}

impl KeyUpdate {
    /// Sets a new id.
    #[must_use]
    pub fn with_id(mut self, id: KeyId) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets a new hash, or `None` to remove the password.
    #[must_use]
    pub fn with_hashed_password(mut self, hash: Option<HashedPassword>) -> Self {
        self.hashed_password = Some(hash);
        self
    }

    /// Makes the update conditional on the stored hash.
    #[must_use]
    pub fn with_expected_hashed_password(mut self, hash: HashedPassword) -> Self {
        self.expected_hashed_password = Some(hash);
        self
    }

    /// Returns `true` if no field is set, ignoring the condition.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.id.is_none() && self.hashed_password.is_none()
    }

    /// Returns `true` if `key` meets the condition.
    #[must_use]
    pub fn applies_to(&self, key: &KeySchema) -> bool {
        self.expected_hashed_password.is_none() || self.expected_hashed_password == key.hashed_password
    }
}

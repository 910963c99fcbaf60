use std::ops::Deref;

use lucia_core::{HashedPassword, KeyId, KeySchema};

use super::Key;

/// A [`Key`] that [`Auth::use_key`](crate::Auth::use_key) verified, with what it was verified against.
///
/// It dereferences to the key. [`NewSession::for_key`](crate::NewSession::for_key) takes it, so that a session is not made
/// with a password that was changed, or with a key that was deleted, since it was verified. `Debug` hides the hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedKey {
    key: Key,
    pub(crate) proof: Proof,
}

/// The row that a key was verified against, as far as a sign-in depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) key_id: KeyId,
    hashed_password: Option<HashedPassword>,
}

impl VerifiedKey {
    pub(super) fn new(key: Key, row: KeySchema) -> Self {
        Self { key, proof: Proof { key_id: row.id, hashed_password: row.hashed_password } }
    }

    /// Returns the key without the proof.
    #[must_use]
    pub fn into_key(self) -> Key {
        self.key
    }
}

impl Deref for VerifiedKey {
    type Target = Key;

    fn deref(&self) -> &Key {
        &self.key
    }
}

impl Proof {
    /// Whether the key still has the password that was verified, or still has none.
    pub(crate) fn holds_for(&self, row: &KeySchema) -> bool {
        self.hashed_password == row.hashed_password
    }
}

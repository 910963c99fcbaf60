use lucia_core::KeyId;

use crate::{Client, client::Network};

/// Whose password is hashed. Those of one origin wait for each other, so that nobody holds every place in the queue.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Network(Network),
    /// A sign-in from an address that is not known, or the new password of a key that exists.
    Key(KeyId),
    /// A sign-up: whoever makes many can give each another key.
    Unknown,
}

impl Origin {
    pub(crate) fn new(client: &Client, key_id: &KeyId) -> Self {
        client.network().map_or_else(|| Self::Key(key_id.clone()), Self::Network)
    }
}

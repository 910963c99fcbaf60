use lucia_core::KeyId;

use crate::{Client, client::Network};

/// Whose password is hashed. Those of one origin wait for each other, so that nobody holds every place in the queue.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Network(Network),
    /// The address is not known.
    Key(KeyId),
}

impl Origin {
    pub(crate) fn new(client: &Client, key_id: &KeyId) -> Self {
        client.network().map_or_else(|| key_id.into(), Self::Network)
    }
}

impl From<&KeyId> for Origin {
    fn from(key_id: &KeyId) -> Self {
        Self::Key(key_id.clone())
    }
}

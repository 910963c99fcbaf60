//! Giving a session another id.

use super::{
    KvSessionAdapter, KvStore,
    adapter::{decode, failure},
};
use crate::{AdapterErrorKind as Kind, AdapterResult, SessionId, SessionSchema, SessionUpdate};

impl<S: KvStore> KvSessionAdapter<S> {
    pub(super) async fn rotate(&self, old: &SessionId, new: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        let stored = self.read_alive(old).await?;
        if !update.applies_to(&stored) {
            return Err(failure(Kind::Conflict));
        }
        let mut rotated = stored.clone();
        rotated.id.clone_from(new);
        rotated.apply(update);
        self.insert(&rotated).await?;
        let replaced = match self.unchanged(&stored).await {
            Ok(()) => self.revoke(&stored).await,
            Err(error) => Err(error),
        };
        if replaced.is_err() {
            self.revoke(&rotated).await?;
        }
        replaced
    }

    /// Nobody has revoked or changed the session.
    async fn unchanged(&self, session: &SessionSchema) -> AdapterResult<()> {
        let keys = [self.layout.session_key(&session.id), self.layout.revoked_key(&session.id)];
        let mut values = self.get_many(&keys).await?.into_iter();
        let (current, tombstone) = (values.next().flatten(), values.next().flatten());
        match current {
            Some(current) if tombstone.is_none() => {
                if decode(&current, &session.id)? == *session {
                    Ok(())
                } else {
                    Err(failure(Kind::Conflict))
                }
            }
            _ => Err(failure(Kind::InvalidSessionId)),
        }
    }
}

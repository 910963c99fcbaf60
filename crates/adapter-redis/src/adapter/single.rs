//! The operations on one server, alone or behind sentinels. Each change is one script.

use lucia_core::{AdapterErrorKind as Kind, SessionId, SessionSchema, SessionUpdate, UserId};

use super::{
    compare_and_set::CompareAndSet,
    record,
    sort_refusal::SortRefusal,
    store::{MAX_ATTEMPTS, MAX_KEYS, Store},
};
use crate::{
    connections::{Batched, Connections},
    error::Error,
    script::Reply,
};

pub(super) struct Single<C> {
    pub(super) store: Store<C>,
    pub(super) sort_refusal: SortRefusal,
}

impl<C> Single<C> {
    pub(super) fn new(store: Store<C>) -> Self {
        Self { store, sort_refusal: SortRefusal::default() }
    }
}

impl<C: Connections> Single<C> {
    pub(super) async fn set_session(&self, session: &SessionSchema) -> Result<(), Error> {
        let Store { prefixes, scripts, expires, .. } = &self.store;
        let keys = prefixes.keys(session)?;
        let mut connection = self.store.connection().await?;
        let (json, at) = (session.to_json(), record::expiry(session.idle_expires));
        let arguments = [json.as_bytes(), at.as_bytes(), session.id.as_str().as_bytes(), expires];
        // Each argument costs the server time, and indexes usually expire.
        let arguments = if *expires == b"0" { &arguments[..] } else { &arguments[..3] };
        match scripts.create.run(&mut connection, &keys, arguments).await {
            Ok(Reply::Done) => Ok(()),
            Ok(_) => Err(Error::Refused(Kind::DuplicateSessionId)),
            Err(error) => Err(self.store.entry_error(error)),
        }
    }

    pub(super) async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> Result<(), Error> {
        if update.is_empty() {
            return self.store.touch(session_id).await;
        }
        let mut connection = self.store.connection().await?;
        let found = if update.attributes().is_empty() {
            self.renew(&mut connection, session_id, update).await?
        } else {
            self.store.get(&mut connection, session_id).await?.map_or(Reply::Gone, Reply::Found)
        };
        let Reply::Found(value) = found else { return found.done(Kind::Conflict) };
        let mut attempts = CompareAndSet::new(value);
        loop {
            let session = record::updated(&self.store.prefixes, &attempts.expected, session_id, update)?;
            let reply = self.swap(&mut connection, &attempts.expected, &session).await?;
            if let Some(outcome) = attempts.outcome(reply, Kind::InvalidSessionId) {
                return outcome;
            }
        }
    }

    pub(super) async fn rotate_session(
        &self,
        old: &SessionId,
        new: &SessionId,
        update: &SessionUpdate,
    ) -> Result<(), Error> {
        let mut connection = self.store.connection().await?;
        let value = self.store.get_rotating(&mut connection, old, new).await?;
        let mut attempts = CompareAndSet::new(value);
        loop {
            let session = record::rotated(&self.store.prefixes, &attempts.expected, old, new, update)?;
            let reply = self.rotate(&mut connection, old, &attempts.expected, &session).await?;
            if let Some(outcome) = attempts.outcome(reply, Kind::DuplicateSessionId) {
                return outcome;
            }
        }
    }

    pub(super) async fn delete_session(&self, session_id: &SessionId) -> Result<(), Error> {
        let Store { prefixes, scripts, replicas, .. } = &self.store;
        let Ok(key) = prefixes.session_key(session_id) else { return Ok(()) };
        let mut connection = self.store.connection().await?;
        let arguments = [session_id.as_str().as_bytes(), prefixes.user_sessions.as_bytes()];
        scripts.delete.run_confirmed::<Reply>(&mut connection, *replicas, &[key], &arguments).await.map(drop)
    }

    /// Deletes all sessions of a user except `keep`.
    pub(super) async fn delete_sessions(&self, user_id: &UserId, keep: Option<&SessionId>) -> Result<(), Error> {
        let Store { prefixes, scripts, replicas, .. } = &self.store;
        let Ok(index) = prefixes.user_sessions_key(user_id) else { return Ok(()) };
        let mut connection = self.store.connection().await?;
        let max_keys = MAX_KEYS.to_string();
        let arguments: [&[u8]; 5] = [
            user_id.as_str().as_bytes(),
            prefixes.session.as_bytes(),
            max_keys.as_bytes(),
            if keep.is_some() { b"1" } else { b"0" },
            keep.map_or(b"", |keep| keep.as_str().as_bytes()),
        ];
        let arguments = prefixes.with_reserved(&arguments);
        // A session that is rotated between two steps is in the index under its new id.
        let (mut least, mut attempts) = (usize::MAX, 0);
        while attempts < MAX_ATTEMPTS {
            let left: usize = scripts.revoke.run_confirmed(&mut connection, *replicas, &[index], &arguments).await?;
            if left == 0 {
                return Ok(());
            }
            // Only attempts without progress count: an index may have any number of entries.
            attempts = if left < least { 0 } else { attempts + 1 };
            least = least.min(left);
        }
        Err(Error::Unsettled)
    }

    /// Deletes the sessions of a user except `keep` and the youngest. Returns `false` if there are too many for one script.
    pub(super) async fn delete_oldest_sessions(
        &self,
        user_id: &UserId,
        keep: &SessionId,
        created_at: &str,
        max: usize,
    ) -> Result<bool, Error> {
        let Store { prefixes, scripts, replicas, .. } = &self.store;
        let Ok(index) = prefixes.user_sessions_key(user_id) else { return Ok(true) };
        let [max, max_keys] = [max, MAX_KEYS].map(|number| number.to_string());
        let arguments = [user_id.as_str(), &prefixes.session, keep.as_str(), created_at, &max, &max_keys];
        let arguments = arguments.map(str::as_bytes);
        let arguments = prefixes.with_reserved(&arguments);
        let mut connection = self.store.connection().await?;
        scripts.delete_oldest.run_confirmed(&mut connection, *replicas, &[index], &arguments).await
    }

    /// Replaces only the times, if they are where Lucia writes them, without reading the session first.
    async fn renew(
        &self,
        connection: &mut Batched<C>,
        session_id: &SessionId,
        update: &SessionUpdate,
    ) -> Result<Reply, Error> {
        let Store { prefixes, scripts, expires, .. } = &self.store;
        let Ok(key) = prefixes.session_key(session_id) else { return Ok(Reply::Gone) };
        let times = [update.expected_idle_expires, update.active_expires, update.idle_expires];
        if times.iter().flatten().any(|time| time.get() < 0) {
            return Ok(self.store.get(connection, session_id).await?.map_or(Reply::Gone, Reply::Found));
        }
        let [expected, active, idle] = times.map(|time| time.map_or_else(String::new, |time| time.get().to_string()));
        let arguments = [
            session_id.as_str().as_bytes(),
            prefixes.user_sessions.as_bytes(),
            expected.as_bytes(),
            active.as_bytes(),
            idle.as_bytes(),
            expires,
        ];
        let renewed = scripts.renew.run(connection, &[key], &prefixes.with_reserved(&arguments)).await;
        renewed.map_err(|error| self.store.entry_error(error))
    }

    async fn swap(&self, connection: &mut Batched<C>, old: &[u8], session: &SessionSchema) -> Result<Reply, Error> {
        let Store { prefixes, scripts, expires, .. } = &self.store;
        let keys = prefixes.keys(session)?;
        let (json, at) = (session.to_json(), record::expiry(session.idle_expires));
        let arguments = [old, json.as_bytes(), at.as_bytes(), session.id.as_str().as_bytes(), expires];
        let swapped = scripts.swap.run(connection, &keys, &arguments).await;
        swapped.map_err(|error| self.store.entry_error(error))
    }

    async fn rotate(
        &self,
        connection: &mut Batched<C>,
        old: &SessionId,
        value: &[u8],
        session: &SessionSchema,
    ) -> Result<Reply, Error> {
        let Store { prefixes, scripts, expires, .. } = &self.store;
        let [new, index] = prefixes.keys(session)?;
        let keys = [prefixes.session_key(old)?, new, index];
        let (json, at) = (session.to_json(), record::expiry(session.idle_expires));
        let arguments =
            [value, json.as_bytes(), at.as_bytes(), old.as_str().as_bytes(), session.id.as_str().as_bytes(), expires];
        let rotated = scripts.rotate.run(connection, &keys, &arguments).await;
        rotated.map_err(|error| self.store.entry_error(error))
    }
}

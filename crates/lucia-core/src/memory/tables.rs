use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Bound,
};

use super::{counters::Counters, index::unlink, tokens::Tokens};
use crate::{
    AdapterErrorKind as Kind, KeyId, KeySchema, KeyUpdate, SessionId, SessionSchema, SessionUpdate, UnixMillis, UserId,
    UserSchema, UserUpdate,
};

/// The tables and an index of each user's rows. The caller holds the lock, so each method is atomic.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) tokens: Tokens,
    pub(super) counters: Counters,
    users: HashMap<UserId, UserSchema>,
    keys: HashMap<KeyId, KeySchema>,
    sessions: BTreeMap<SessionId, SessionSchema>,
    user_keys: BTreeMap<UserId, BTreeSet<KeyId>>,
    user_sessions: BTreeMap<UserId, BTreeSet<SessionId>>,
    expiries: BTreeSet<(UnixMillis, SessionId)>,
}

impl Tables {
    pub(super) fn user(&self, id: &UserId) -> Option<&UserSchema> {
        self.users.get(id)
    }

    pub(super) fn insert_user(&mut self, user: &UserSchema, key: Option<&KeySchema>) -> Result<(), Kind> {
        if self.users.contains_key(&user.id) {
            return Err(Kind::DuplicateUserId);
        }
        if let Some(key) = key {
            if key.user_id != user.id {
                return Err(Kind::InvalidUserId);
            }
            self.insert_key(key)?;
        }
        self.users.insert(user.id.clone(), user.clone());
        Ok(())
    }

    pub(super) fn update_user(&mut self, id: &UserId, update: &UserUpdate) -> Result<(), Kind> {
        self.users.get_mut(id).ok_or(Kind::InvalidUserId)?.apply(update);
        Ok(())
    }

    pub(super) fn remove_user(&mut self, id: &UserId) {
        self.users.remove(id);
    }

    pub(super) fn key(&self, id: &KeyId) -> Option<&KeySchema> {
        self.keys.get(id)
    }

    pub(super) fn keys_of(&self, user_id: &UserId) -> Vec<KeySchema> {
        let ids = self.user_keys.get(user_id).into_iter().flatten();
        ids.filter_map(|id| self.keys.get(id)).cloned().collect()
    }

    pub(super) fn insert_key(&mut self, key: &KeySchema) -> Result<(), Kind> {
        if self.keys.contains_key(&key.id) {
            return Err(Kind::DuplicateKeyId);
        }
        self.user_keys.entry(key.user_id.clone()).or_default().insert(key.id.clone());
        self.keys.insert(key.id.clone(), key.clone());
        Ok(())
    }

    pub(super) fn update_key(&mut self, id: &KeyId, update: &KeyUpdate) -> Result<(), Kind> {
        let stored = self.keys.get(id).ok_or(Kind::InvalidKeyId)?;
        if update.is_empty() {
            return Ok(());
        }
        let key = stored.updated(update).ok_or(Kind::Conflict)?;
        if key.id != *id && self.keys.contains_key(&key.id) {
            return Err(Kind::DuplicateKeyId);
        }
        self.remove_key(id);
        self.insert_key(&key)
    }

    pub(super) fn remove_key(&mut self, id: &KeyId) {
        if let Some(key) = self.keys.remove(id) {
            unlink(&mut self.user_keys, &key.user_id, id);
        }
    }

    pub(super) fn remove_keys_of(&mut self, user_id: &UserId) {
        for id in self.user_keys.remove(user_id).unwrap_or_default() {
            self.keys.remove(&id);
        }
    }

    pub(super) fn session(&self, id: &SessionId) -> Option<&SessionSchema> {
        self.sessions.get(id)
    }

    /// Returns the first of these sessions that exists, with its user. Removes it if the user does not exist.
    pub(super) fn first_session_and_user(&mut self, ids: &[SessionId]) -> Option<(SessionSchema, UserSchema)> {
        let session = ids.iter().find_map(|id| self.sessions.get(id))?;
        if let Some(user) = self.users.get(&session.user_id) {
            return Some((session.clone(), user.clone()));
        }
        let id = session.id.clone();
        self.remove_session(&id);
        None
    }

    pub(super) fn sessions_of(&self, user_id: &UserId) -> Vec<SessionSchema> {
        let ids = self.user_sessions.get(user_id).into_iter().flatten();
        ids.filter_map(|id| self.sessions.get(id)).cloned().collect()
    }

    /// Returns the ids after this one, in order.
    pub(super) fn session_ids_after(&self, id: Option<&str>) -> impl Iterator<Item = &SessionId> {
        let start = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.sessions.range::<str, _>((start, Bound::Unbounded)).map(|(id, _)| id)
    }

    pub(super) fn insert_session(&mut self, session: &SessionSchema) -> Result<(), Kind> {
        if self.sessions.contains_key(&session.id) {
            return Err(Kind::DuplicateSessionId);
        }
        self.user_sessions.entry(session.user_id.clone()).or_default().insert(session.id.clone());
        self.expiries.insert((session.idle_expires, session.id.clone()));
        self.sessions.insert(session.id.clone(), session.clone());
        Ok(())
    }

    pub(super) fn update_session(&mut self, id: &SessionId, update: &SessionUpdate) -> Result<(), Kind> {
        let session = self.sessions.get_mut(id).ok_or(Kind::InvalidSessionId)?;
        if update.is_empty() {
            return Ok(());
        }
        let updated = session.updated(update).ok_or(Kind::Conflict)?;
        let stored = std::mem::replace(session, updated);
        self.expiries.remove(&(stored.idle_expires, stored.id));
        self.expiries.insert((session.idle_expires, id.clone()));
        Ok(())
    }

    pub(super) fn rotate_session(
        &mut self,
        old: &SessionId,
        new: &SessionId,
        update: &SessionUpdate,
    ) -> Result<(), Kind> {
        let stored = self.sessions.get(old).ok_or(Kind::InvalidSessionId)?;
        let session = stored.rotated(new, update).ok_or(Kind::Conflict)?;
        self.insert_session(&session)?;
        self.remove_session(old);
        Ok(())
    }

    pub(super) fn remove_session(&mut self, id: &SessionId) {
        if let Some(session) = self.sessions.remove(id) {
            unlink(&mut self.user_sessions, &session.user_id, id);
            self.expiries.remove(&(session.idle_expires, session.id));
        }
    }

    pub(super) fn remove_sessions_of(&mut self, user_id: &UserId, keep: Option<&SessionId>) {
        let ids: Vec<_> = self.user_sessions.get(user_id).into_iter().flatten().cloned().collect();
        for id in ids.iter().filter(|id| Some(*id) != keep) {
            self.remove_session(id);
        }
    }

    pub(super) fn remove_oldest_sessions_of(
        &mut self,
        user_id: &UserId,
        keep: &SessionId,
        created_at: &str,
        max: usize,
    ) {
        let ids = self.user_sessions.get(user_id).into_iter().flatten();
        let mut sessions: Vec<_> = ids.filter_map(|id| self.sessions.get(id)).collect();
        sessions.sort_unstable_by(|one, other| other.compare_age(one, keep, created_at));
        let oldest: Vec<_> = sessions.iter().skip(max).map(|session| session.id.clone()).collect();
        for id in &oldest {
            self.remove_session(id);
        }
    }

    pub(super) fn remove_expired(&mut self, now: UnixMillis, limit: usize) -> usize {
        let expired = self.expiries.iter().take_while(|(expires, _)| *expires < now).take(limit);
        let ids: Vec<_> = expired.map(|(_, id)| id.clone()).collect();
        for id in &ids {
            self.remove_session(id);
        }
        ids.len()
    }
}

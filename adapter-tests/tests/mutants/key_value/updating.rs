//! Bugs of updates.

use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, Attributes, SessionAdapter, SessionId, SessionSchema, SessionUpdate,
};
use serde_json::Value as Json;

use super::{adapter::KeyValueAdapter, mutant::Bug, store::Entry, writing::keep};

pub(super) async fn update(
    sound: &KeyValueAdapter,
    bug: Bug,
    id: &SessionId,
    update: &SessionUpdate,
) -> AdapterResult<()> {
    let key = sound.key(id);
    let outcome = match bug {
        Bug::U5UpdateLosesTheExpiry => {
            sound.update_session(id, update).await?;
            let lose = sound.server.command(|data| match data.entry(&key).cloned() {
                Some(entry) if update.idle_expires.is_none() => data.insert(&key, Entry { expires: None, ..entry }),
                _ => {}
            });
            lose.await;
            Ok(())
        }
        Bug::K1ExpiryIsAnEpoch | Bug::R7UpdateTakesAbsoluteTimeToLive => {
            sound.update_session(id, update).await?;
            if update.idle_expires.is_some() {
                sound
                    .server
                    .command(|data| keep(data, &key, |expires, now| now.get().saturating_add(expires.get())))
                    .await;
            }
            Ok(())
        }
        Bug::R8ExpiryIsCutToSeconds => {
            sound.update_session(id, update).await?;
            sound.server.command(|data| keep(data, &key, |expires, _| expires.get() / 1_000 * 1_000)).await;
            Ok(())
        }
        Bug::ExpiryIsNotMoved => {
            let before = sound.server.command(|data| data.entry(&key).and_then(|entry| entry.expires)).await;
            sound.update_session(id, update).await?;
            let stay = sound.server.command(|data| {
                if let Some(entry) = data.entry(&key).cloned() {
                    data.insert(&key, Entry { expires: before, ..entry });
                }
            });
            stay.await;
            Ok(())
        }
        Bug::UpdateDeletesFirst if !update.is_empty() => {
            let read = sound.server.script(|data| {
                sound.update(data, id, update)?;
                let updated = sound.read(data, id)?;
                data.delete(&key)?;
                Ok(updated)
            });
            match read.await {
                Ok(Some(session)) => sound.server.script(|data| sound.write(data, &session)).await,
                Ok(None) => Ok(()),
                Err(kind) => Err(kind),
            }
        }
        Bug::R1UpdateResurrects => in_steps(sound, id, update, false).await,
        Bug::R2UpdateIsLost => in_steps(sound, id, update, true).await,
        Bug::K2ShortLivesAreRefused => {
            let now = sound.server.command(|data| data.now()).await;
            let short = update.idle_expires.is_some_and(|idle| idle.get() < now.get() + 60_000);
            if short { Err(Kind::Backend) } else { return sound.update_session(id, update).await }
        }
        Bug::S1EmptyUpdateFails if update.is_empty() => Err(Kind::Backend),
        Bug::UpdateCreates => match sound.update_session(id, update).await {
            Err(error) if error.kind() == Kind::InvalidSessionId && !update.is_empty() => {
                let idle = update.idle_expires.unwrap_or(lucia_core::UnixMillis::MAX);
                let mut session = SessionSchema::new(id.clone(), "", idle, idle);
                session.apply(update);
                return sound.set_session(&session).await;
            }
            outcome => return outcome,
        },
        Bug::UpdateDropsOthers => {
            let write = sound.server.script(|data| {
                sound.update(data, id, update)?;
                let Some(session) = sound.read(data, id)?.filter(|_| !update.attributes().is_empty()) else {
                    return Ok(());
                };
                let attributes = update.attributes().clone();
                sound.write(data, &session.with_attributes(attributes).unwrap())
            });
            write.await
        }
        Bug::UpdateDropsNull => {
            let write = sound.server.script(|data| {
                sound.update(data, id, update)?;
                let Some(session) = sound.read(data, id)? else { return Ok(()) };
                let nulls = update.attributes().iter().filter(|(_, value)| **value == Json::Null);
                let mut attributes: Attributes = session.attributes().clone();
                nulls.for_each(|(name, _)| drop(attributes.remove(name)));
                sound.write(data, &session.with_attributes(attributes).unwrap())
            });
            write.await
        }
        Bug::UpdateIgnoresTheCondition => {
            let mut unconditional = update.clone();
            unconditional.expected_idle_expires = None;
            return sound.update_session(id, &unconditional).await;
        }
        Bug::ConditionIsCheckedFirst => match sound.get_session(id).await? {
            None => Err(Kind::InvalidSessionId),
            Some(session) if !update.applies_to(&session) => Err(Kind::Conflict),
            Some(_) => {
                let mut unconditional = update.clone();
                unconditional.expected_idle_expires = None;
                return sound.update_session(id, &unconditional).await;
            }
        },
        Bug::UpdateToThePastKeepsTheSession => {
            let now = sound.server.command(|data| data.now()).await;
            let mut update = update.clone();
            if update.idle_expires.is_some_and(|idle| idle < now) {
                (update.active_expires, update.idle_expires) = (None, None);
            }
            return sound.update_session(id, &update).await;
        }
        _ => return sound.update_session(id, update).await,
    };
    Ok(outcome?)
}

/// Reads and then writes, as Lucia JS does. With `only_present`, the write fails if the session no longer exists.
async fn in_steps(
    sound: &KeyValueAdapter,
    id: &SessionId,
    update: &SessionUpdate,
    only_present: bool,
) -> Result<(), Kind> {
    let read = sound.server.script(|data| sound.read(data, id)).await?;
    let mut session = read.ok_or(Kind::InvalidSessionId)?;
    if update.is_empty() {
        return Ok(());
    }
    // The condition is checked with the write, so that this is the only bug.
    let conditional = sound.server.script(|data| {
        if update.expected_idle_expires.is_some() {
            return sound.update(data, id, update).map(|()| true);
        }
        Ok(false)
    });
    if conditional.await? {
        return Ok(());
    }
    session.apply(update);
    let write = sound.server.script(|data| {
        match sound.read(data, id)? {
            None if only_present => return Err(Kind::InvalidSessionId),
            // Loses concurrent writes, or keeps them.
            Some(current) if !only_present => {
                session = current;
                session.apply(update);
            }
            _ => {}
        }
        if session.is_expired(data.now()) {
            return sound.erase(data, &session);
        }
        let index = sound.index(&session.user_id);
        if data.members(&index)?.iter().any(|member| member == id.as_str()) {
            data.add(&index, id.as_str(), session.idle_expires)?;
        }
        Ok(data.set(&sound.key(id), session.to_json().into_bytes(), Some(session.idle_expires))?)
    });
    write.await
}

pub(super) async fn rotate(
    sound: &KeyValueAdapter,
    bug: Bug,
    old: &SessionId,
    new: &SessionId,
    update: &SessionUpdate,
) -> AdapterResult<()> {
    match bug {
        Bug::RotationKeepsTheOldId => {
            let session = sound.get_session(old).await?;
            sound.rotate_session(old, new, update).await?;
            match session {
                Some(session) => sound.set_session(&session).await,
                None => Ok(()),
            }
        }
        Bug::RotationResets => {
            let session = sound.get_session(old).await?;
            sound.rotate_session(old, new, update).await?;
            let Some(before) = session else { return Ok(()) };
            let undo = SessionUpdate::renewal(before.active_expires, before.idle_expires);
            sound.update_session(new, &undo.with_attributes(before.attributes().clone()).unwrap()).await
        }
        Bug::RotationIsNotIndexed => {
            sound.rotate_session(old, new, update).await?;
            let Some(session) = sound.get_session(new).await? else { return Ok(()) };
            let index = sound.index(&session.user_id);
            let unlist = sound.server.command(|data| data.remove(&index, new.as_str())).await;
            Ok(unlist.map_err(Kind::from)?)
        }
        Bug::RotationReplaces => {
            sound.get_session(old).await?.ok_or(Kind::InvalidSessionId)?;
            sound.delete_session(new).await?;
            sound.rotate_session(old, new, update).await
        }
        Bug::RotationIgnoresTheCondition => {
            let mut unconditional = update.clone();
            unconditional.expected_idle_expires = None;
            sound.rotate_session(old, new, &unconditional).await
        }
        Bug::RotationDoesNotLookAgain => {
            let stored = sound.get_session(old).await?.ok_or(Kind::InvalidSessionId)?;
            sound.set_session(&stored.rotated(new, update).ok_or(Kind::Conflict)?).await?;
            sound.delete_session(old).await
        }
        Bug::RotationTakesSteps => InSteps(sound.clone()).rotate_session(old, new, update).await,
        _ => sound.rotate_session(old, new, update).await,
    }
}

/// The correct adapter without its own rotation.
#[derive(Debug)]
struct InSteps(KeyValueAdapter);

#[lucia_core::async_trait]
impl SessionAdapter for InSteps {
    async fn get_session(&self, id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.0.get_session(id).await
    }
    async fn get_sessions_by_user_id(&self, user_id: &lucia_core::UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.0.get_sessions_by_user_id(user_id).await
    }
    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.0.set_session(session).await
    }
    async fn update_session(&self, id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.0.update_session(id, update).await
    }
    async fn delete_session(&self, id: &SessionId) -> AdapterResult<()> {
        self.0.delete_session(id).await
    }
    async fn delete_sessions_by_user_id(&self, user_id: &lucia_core::UserId) -> AdapterResult<()> {
        self.0.delete_sessions_by_user_id(user_id).await
    }
    async fn delete_expired_sessions(&self, now: lucia_core::UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.0.delete_expired_sessions(now, limit).await
    }
}

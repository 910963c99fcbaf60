//! Bugs of deletions.

use lucia_core::{AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionId, UnixMillis, UserId};

use super::{adapter::KeyValueAdapter, mutant::Bug};

pub(super) async fn delete(sound: &KeyValueAdapter, bug: Bug, id: &SessionId) -> AdapterResult<()> {
    let key = sound.key(id);
    let outcome = match bug {
        Bug::U2DeleteLooksInTheSessionsIndex => {
            let delete = sound.server.script(|data| {
                data.delete(&key)?;
                Ok(data.remove(&sound.index(&id.as_str().into()), id.as_str())?)
            });
            delete.await
        }
        Bug::DeleteIsByPrefix => {
            sound.delete_session(id).await?;
            let delete = sound.server.script(|data| {
                let keys = data.keys();
                let longer = keys.iter().filter(|other| other.len() > key.len() && other.starts_with(&key));
                longer.into_iter().try_for_each(|key| Ok(data.delete(key)?))
            });
            delete.await
        }
        Bug::DeleteTwiceFails => {
            let delete = sound.server.script(|data| data.entry(&key).map(|_| ()).ok_or(Kind::InvalidSessionId));
            delete.await?;
            return sound.delete_session(id).await;
        }
        _ => return sound.delete_session(id).await,
    };
    Ok(outcome?)
}

pub(super) async fn delete_all(sound: &KeyValueAdapter, bug: Bug, user_id: &UserId) -> AdapterResult<()> {
    const PAGE: usize = 1_000;
    let index = sound.index(user_id);
    let outcome = match bug {
        Bug::U3DeleteAllKeepsTheIndex => {
            let delete = sound.server.script(|data| {
                let kept = data.entry(&index).cloned();
                sound.delete_all(data, user_id)?;
                kept.into_iter().for_each(|entry| data.insert(&index, entry));
                Ok(())
            });
            delete.await
        }
        Bug::R3DeleteAllMissesWhatIsSetMeanwhile => in_steps(sound, &index, user_id).await,
        Bug::R5DeleteAllTakesForeignSessions | Bug::EntryOutlivesAndIsDeleted => {
            let delete = sound.server.script(|data| {
                for id in data.members(&index)? {
                    data.delete(&sound.key(&id.into()))?;
                }
                Ok(data.delete(&index)?)
            });
            delete.await
        }
        Bug::DeleteAllIsByPrefix => {
            let delete = sound.server.script(|data| {
                let start = index.trim_end_matches(':');
                for key in data.keys().iter().filter(|key| key.starts_with(start)) {
                    for id in data.members(key)? {
                        data.delete(&sound.key(&id.into()))?;
                    }
                    data.delete(key)?;
                }
                Ok(())
            });
            delete.await
        }
        Bug::DeleteAllTakesOnePage => {
            let delete = sound.server.script(|data| {
                for id in data.members(&index)?.iter().take(PAGE) {
                    let session = sound.read(data, &id.as_str().into());
                    if matches!(session, Ok(Some(session)) if session.user_id != *user_id) {
                        data.remove(&index, id)?;
                        continue;
                    }
                    data.delete(&sound.key(&id.as_str().into()))?;
                    data.remove(&index, id)?;
                }
                Ok(())
            });
            delete.await
        }
        Bug::DeleteAllForgetsOne => {
            let delete = sound.server.script(|data| {
                let sessions = sound.list(data, user_id)?;
                sessions.iter().skip(1).try_for_each(|session| sound.erase(data, session))
            });
            delete.await
        }
        Bug::DeleteAllOfNobodyFails => {
            let known = sound.server.command(|data| data.entry(&index).is_some()).await;
            if known { return sound.delete_sessions_by_user_id(user_id).await } else { Err(Kind::InvalidUserId) }
        }
        _ => return sound.delete_sessions_by_user_id(user_id).await,
    };
    Ok(outcome?)
}

/// Reads the index, deletes its sessions, and then deletes the index with any later entries.
async fn in_steps(sound: &KeyValueAdapter, index: &str, user_id: &UserId) -> Result<(), Kind> {
    let ids = sound.server.command(|data| data.members(index)).await?;
    let delete = sound.server.script(|data| {
        for id in ids {
            let id = SessionId::new(id);
            let foreign = matches!(sound.read(data, &id), Ok(Some(session)) if session.user_id != *user_id);
            if !foreign {
                data.delete(&sound.key(&id))?;
            }
        }
        Ok(data.delete(index)?)
    });
    delete.await
}

pub(super) async fn delete_expired(
    sound: &KeyValueAdapter,
    bug: Bug,
    now: UnixMillis,
    limit: usize,
) -> AdapterResult<usize> {
    if bug != Bug::DeleteExpiredDeletes {
        return sound.delete_expired_sessions(now, limit).await;
    }
    let keys = sound.server.command(|data| data.keys()).await;
    let delete = sound.server.script(|data| {
        let before = data.keys().len();
        for key in keys {
            if data.entry(&key).is_some_and(|entry| entry.expires.is_some_and(|expires| expires < now)) {
                data.delete(&key)?;
            }
        }
        Ok(before - data.keys().len())
    });
    Ok(delete.await?)
}

pub(super) async fn delete_others(
    sound: &KeyValueAdapter,
    bug: Bug,
    user_id: &UserId,
    keep: &SessionId,
) -> AdapterResult<()> {
    match bug {
        Bug::DeleteOthersDeletesAll => sound.delete_sessions_by_user_id(user_id).await,
        Bug::DeleteOthersKeepsForeign => match sound.get_session(keep).await? {
            Some(session) if session.user_id == *user_id => sound.delete_other_sessions(user_id, keep).await,
            _ => Ok(()),
        },
        _ => sound.delete_other_sessions(user_id, keep).await,
    }
}

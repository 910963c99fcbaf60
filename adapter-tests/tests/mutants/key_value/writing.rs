//! Bugs of inserts.

use lucia_core::{AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionId, SessionSchema, UnixMillis};

use super::{
    adapter::KeyValueAdapter,
    mutant::{Bug, End},
    store::{Data, Entry, Value},
};

pub(super) async fn set(sound: &KeyValueAdapter, bug: Bug, session: &SessionSchema) -> AdapterResult<()> {
    let (key, index) = (sound.key(&session.id), sound.index(&session.user_id));
    let outcome = match bug {
        Bug::U1IndexNamesTheUser => {
            let write = sound.server.script(|data| {
                sound.insert(data, session)?;
                data.remove(&index, session.id.as_str())?;
                Ok(data.add(&index, session.user_id.as_str(), session.idle_expires)?)
            });
            write.await
        }
        Bug::U4TimeToLiveIsAbsolute | Bug::K1ExpiryIsAnEpoch => {
            let write = sound.server.script(|data| {
                sound.insert(data, session)?;
                keep(data, &key, |expires, now| now.get().saturating_add(expires.get()));
                Ok(())
            });
            write.await
        }
        Bug::R8ExpiryIsCutToSeconds => {
            let write = sound.server.script(|data| {
                sound.insert(data, session)?;
                keep(data, &key, |expires, _| expires.get() / 1_000 * 1_000);
                Ok(())
            });
            write.await
        }
        Bug::R5DuplicatesReplace => {
            let write = sound
                .server
                .script(|data| if session.is_expired(data.now()) { Ok(()) } else { sound.write(data, session) });
            write.await
        }
        Bug::DuplicatesAreSwallowed => match sound.set_session(session).await {
            Err(error) if error.kind() == Kind::DuplicateSessionId => Ok(()),
            outcome => return outcome,
        },
        Bug::InsertIsCheckedFirst | Bug::ForeignDuplicatesAreListed => match sound.get_session(&session.id).await? {
            Some(_) => Err(Kind::DuplicateSessionId),
            None => {
                let write = sound
                    .server
                    .script(|data| if session.is_expired(data.now()) { Ok(()) } else { sound.write(data, session) });
                write.await
            }
        },
        Bug::R6IndexIsWrittenFirst => {
            // Two writes, and the first is not undone.
            let write = sound.server.command(|data| {
                if data.entry(&key).is_some() {
                    return Err(Kind::DuplicateSessionId);
                }
                data.add(&index, session.id.as_str(), UnixMillis::MAX)?;
                Ok(data.set(&key, session.to_json().into_bytes(), Some(session.idle_expires))?)
            });
            write.await
        }
        Bug::SessionIsWrittenFirst => {
            // Two writes, and the first is not undone.
            let write = sound.server.command(|data| {
                if data.entry(&key).is_some() {
                    return Err(Kind::DuplicateSessionId);
                }
                if session.is_expired(data.now()) {
                    return Ok(());
                }
                data.set(&key, session.to_json().into_bytes(), Some(session.idle_expires))?;
                Ok(data.add(&index, session.id.as_str(), session.idle_expires)?)
            });
            write.await
        }
        Bug::PastExpiryStaysIndexed | Bug::EntryOutlives(End::Expiry) => {
            let write = sound.server.script(|data| {
                sound.insert(data, session)?;
                Ok(data.add(&index, session.id.as_str(), UnixMillis::MAX)?)
            });
            write.await
        }
        Bug::K2ShortLivesAreRefused => {
            let write = sound.server.script(|data| {
                let short = session.idle_expires.get() < data.now().get() + 60_000;
                if short { Err(Kind::Backend) } else { sound.insert(data, session) }
            });
            write.await
        }
        Bug::K3IndexIsReadModifyWrite => {
            let before = sound.server.command(|data| data.members(&index)).await;
            sound.set_session(session).await?;
            let write = sound.server.script(|data| {
                let mut members: std::collections::BTreeSet<_> = before?.into_iter().collect();
                if !session.is_expired(data.now()) {
                    members.insert(session.id.as_str().to_owned());
                }
                if members.is_empty() {
                    return Ok(data.delete(&index)?);
                }
                let expires = data.entry(&index).and_then(|entry| entry.expires);
                data.insert(&index, Entry { value: Value::Set(members), expires });
                Ok(())
            });
            write.await
        }
        Bug::UsedIdsAreRefused => {
            let write = sound.server.script(|data| {
                if data.members("used")?.iter().any(|id| id == session.id.as_str()) {
                    return Err(Kind::DuplicateSessionId);
                }
                sound.insert(data, session)?;
                Ok(data.add("used", session.id.as_str(), UnixMillis::MAX)?)
            });
            write.await
        }
        Bug::LargeValuesAreCut | Bug::DeepValuesAreCut if is_cut(bug, session) => {
            let small = SessionSchema::new(
                SessionId::clone(&session.id),
                session.user_id.clone(),
                session.active_expires,
                session.idle_expires,
            );
            return sound.set_session(&small).await;
        }
        _ => return sound.set_session(session).await,
    };
    Ok(outcome?)
}

/// Changes the recorded expiry of a key.
pub(super) fn keep(data: &mut Data, key: &str, until: fn(UnixMillis, UnixMillis) -> i64) {
    if let Some(Entry { value, expires: Some(expires) }) = data.entry(key).cloned() {
        let expires = Some(UnixMillis::new(until(expires, data.now())));
        data.insert(key, Entry { value, expires });
    }
}

/// Returns `true` if the bug truncates the attributes.
fn is_cut(bug: Bug, session: &SessionSchema) -> bool {
    let json = session.to_json();
    if bug == Bug::DeepValuesAreCut { json.contains(&"[".repeat(50)) } else { json.len() > 1 << 19 }
}

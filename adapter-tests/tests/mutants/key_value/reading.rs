//! Bugs of reads.

use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionId, SessionSchema, UnixMillis, UserId,
};

use super::{adapter::KeyValueAdapter, mutant::Bug};

const PAGE: usize = 1_000;

pub(super) async fn get(sound: &KeyValueAdapter, bug: Bug, id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
    match bug {
        Bug::CorruptIsALiveSession => match sound.get_session(id).await {
            Err(error) if error.kind() == Kind::Decode => {
                Ok(Some(SessionSchema::new(id.clone(), "", UnixMillis::MAX, UnixMillis::MAX)))
            }
            found => found,
        },
        Bug::OnlyNewLayout => {
            let found = sound.get_session(id).await?;
            let key = sound.key(id);
            let stored = sound.server.command(|data| data.get(&key)).await.map_err(Kind::from)?;
            match (found, stored) {
                (Some(session), Some(json)) if session.to_json().into_bytes() != json => Err(Kind::Decode.into()),
                (found, _) => Ok(found),
            }
        }
        Bug::NumbersAreFloats => Ok(sound.get_session(id).await?.map(through_floats)),
        _ => sound.get_session(id).await,
    }
}

/// Rounds integers as JavaScript does.
fn through_floats(session: SessionSchema) -> SessionSchema {
    let attributes = session.attributes().iter().map(|(name, value)| match value.as_i64() {
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "that is the bug")]
        Some(number) => (name.to_owned(), ((number as f64) as i64).into()),
        None => (name.to_owned(), value.clone()),
    });
    let attributes = attributes.collect();
    session.with_attributes(attributes).unwrap()
}

pub(super) async fn list(sound: &KeyValueAdapter, bug: Bug, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
    let index = sound.index(user_id);
    match bug {
        Bug::K9OnePage => {
            let mut sessions = sound.get_sessions_by_user_id(user_id).await?;
            sessions.truncate(PAGE);
            Ok(sessions)
        }
        Bug::R4ExpiredEntriesStay | Bug::K4ExpiredIdsStayInTheIndex => {
            let list = sound.server.script(|data| {
                let mut sessions = Vec::new();
                for id in data.members(&index)? {
                    match sound.read(data, &id.into()) {
                        Ok(found) => sessions.extend(found.filter(|session| session.user_id == *user_id)),
                        Err(Kind::Decode) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(sessions)
            });
            Ok(list.await?)
        }
        Bug::R5ListHasForeignSessions | Bug::ForeignDuplicatesAreListed | Bug::EntryOutlives(_) => {
            let list = sound.server.script(|data| {
                let mut sessions = Vec::new();
                for id in data.members(&index)? {
                    match sound.read(data, &id.as_str().into()) {
                        Ok(Some(session)) => sessions.push(session),
                        Ok(None) => data.remove(&index, &id)?,
                        Err(Kind::Decode) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(sessions)
            });
            Ok(list.await?)
        }
        Bug::R9CorruptValueFailsTheList => {
            let list = sound.server.script(|data| {
                for id in data.members(&index)? {
                    sound.read(data, &id.into())?;
                }
                sound.list(data, user_id)
            });
            Ok(list.await?)
        }
        _ => sound.get_sessions_by_user_id(user_id).await,
    }
}

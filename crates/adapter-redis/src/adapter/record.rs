//! A session as it is stored.

use lucia_core::{AdapterErrorKind as Kind, SessionId, SessionSchema, SessionUpdate};

use crate::error::Error;

/// The largest integer that a script's numbers represent exactly; as a time, it lies in the year 287396.
const MAX_MILLIS: i64 = 9_007_199_254_740_991;

/// Reads the session of this id. A record under another session's key is refused: it would sign in the wrong user.
pub(super) fn read(value: &[u8], session_id: &[u8]) -> Result<SessionSchema, Error> {
    let session = SessionSchema::from_json(value)?;
    if session.id.as_str().as_bytes() == session_id { Ok(session) } else { Err(Error::Foreign) }
}

/// Reads the session of this id, and applies an update to it.
pub(super) fn updated(value: &[u8], session_id: &SessionId, update: &SessionUpdate) -> Result<SessionSchema, Error> {
    read(value, session_id.as_str().as_bytes())?.updated(update).ok_or(Error::Refused(Kind::Conflict))
}

/// Reads the session of this id, applies an update to it, and gives it a new id.
pub(super) fn rotated(
    value: &[u8],
    old: &SessionId,
    new: &SessionId,
    update: &SessionUpdate,
) -> Result<SessionSchema, Error> {
    read(value, old.as_str().as_bytes())?.rotated(new, update).ok_or(Error::Refused(Kind::Conflict))
}

/// Returns when Redis is to drop a session, in milliseconds since 1970. Redis takes no time before that.
pub(super) fn expiry(session: &SessionSchema) -> String {
    session.idle_expires.get().clamp(1, MAX_MILLIS).to_string()
}

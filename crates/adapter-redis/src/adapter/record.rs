//! The stored form of a session.

use lucia_core::{AdapterErrorKind as Kind, SessionId, SessionSchema, SessionUpdate, UnixMillis};
use serde_json::Value;

use crate::{error::Error, prefixes::Prefixes};

/// The largest integer that the numbers of a script represent exactly. As a time, it is in the year 287396.
pub(super) const MAX_MILLIS: i64 = 9_007_199_254_740_991;

/// Decodes the session with this id. Rejects the record of another session, which would sign in the wrong user, and that
/// of a user without an index, which a revocation of all sessions would miss.
///
/// Returns `None` if the value is a record of another program, whose key a session id may name if keys have no prefix.
pub(super) fn read(prefixes: &Prefixes, value: &[u8], session_id: &[u8]) -> Result<Option<SessionSchema>, Error> {
    match decode(prefixes, value, session_id) {
        Err(_) if prefixes.are_bare() && !is_session(value, session_id) => Ok(None),
        decoded => decoded.map(Some),
    }
}

fn decode(prefixes: &Prefixes, value: &[u8], session_id: &[u8]) -> Result<SessionSchema, Error> {
    let session = SessionSchema::from_json(value)?;
    if session.id.as_str().as_bytes() != session_id {
        return Err(Error::OtherSession);
    }
    prefixes.keys(&session).map_err(Error::Unlisted)?;
    Ok(session)
}

/// Returns `true` if a value is a session with this id, which may be invalid otherwise. The scripts decide in the same way.
fn is_session(value: &[u8], session_id: &[u8]) -> bool {
    let value: Value = serde_json::from_slice(value).unwrap_or_default();
    value["id"].as_str().map(str::as_bytes) == Some(session_id) && value["user_id"].is_string()
}

/// Decodes the session with this id and applies an update to it.
pub(super) fn updated(
    prefixes: &Prefixes,
    value: &[u8],
    session_id: &SessionId,
    update: &SessionUpdate,
) -> Result<SessionSchema, Error> {
    existing(prefixes, value, session_id)?.updated(update).ok_or(Error::Refused(Kind::Conflict))
}

/// Decodes the session with this id, applies an update to it, and replaces its id.
pub(super) fn rotated(
    prefixes: &Prefixes,
    value: &[u8],
    old: &SessionId,
    new: &SessionId,
    update: &SessionUpdate,
) -> Result<SessionSchema, Error> {
    existing(prefixes, value, old)?.rotated(new, update).ok_or(Error::Refused(Kind::Conflict))
}

fn existing(prefixes: &Prefixes, value: &[u8], session_id: &SessionId) -> Result<SessionSchema, Error> {
    read(prefixes, value, session_id.as_str().as_bytes())?.ok_or(Error::Refused(Kind::InvalidSessionId))
}

/// Returns the time at which Redis drops a record that expires then, in milliseconds since 1970. Redis does not accept
/// earlier times.
pub(super) fn expiry(expires: UnixMillis) -> String {
    expires.get().clamp(1, MAX_MILLIS).to_string()
}

//! The stored form of a session.

use lucia_core::{AdapterErrorKind as Kind, SessionId, SessionSchema, SessionUpdate, UnixMillis};

use crate::{error::Error, prefixes::Prefixes};

/// The largest integer that the numbers of a script represent exactly. As a time, it is in the year 287396.
pub(super) const MAX_MILLIS: i64 = 9_007_199_254_740_991;

/// Decodes the session with this id. Rejects the record of another session, which would sign in the wrong user, and that
/// of a user without an index, which a revocation of all sessions would miss.
pub(super) fn read(prefixes: &Prefixes, value: &[u8], session_id: &[u8]) -> Result<SessionSchema, Error> {
    let session = SessionSchema::from_json(value)?;
    if session.id.as_str().as_bytes() != session_id {
        return Err(Error::OtherSession);
    }
    prefixes.keys(&session).map_err(Error::Unlisted)?;
    Ok(session)
}

/// Decodes the session with this id and applies an update to it.
pub(super) fn updated(
    prefixes: &Prefixes,
    value: &[u8],
    session_id: &SessionId,
    update: &SessionUpdate,
) -> Result<SessionSchema, Error> {
    read(prefixes, value, session_id.as_str().as_bytes())?.updated(update).ok_or(Error::Refused(Kind::Conflict))
}

/// Decodes the session with this id, applies an update to it, and replaces its id.
pub(super) fn rotated(
    prefixes: &Prefixes,
    value: &[u8],
    old: &SessionId,
    new: &SessionId,
    update: &SessionUpdate,
) -> Result<SessionSchema, Error> {
    read(prefixes, value, old.as_str().as_bytes())?.rotated(new, update).ok_or(Error::Refused(Kind::Conflict))
}

/// Returns the time at which Redis drops a record that expires then, in milliseconds since 1970. Redis does not accept
/// earlier times.
pub(super) fn expiry(expires: UnixMillis) -> String {
    expires.get().clamp(1, MAX_MILLIS).to_string()
}

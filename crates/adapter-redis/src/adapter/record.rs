//! A session as it is stored.

use lucia_core::SessionSchema;

use crate::error::Error;

/// The last integer that a script's numbers tell from the next one; as a time, it lies in the year 287396.
const LAST: i64 = 9_007_199_254_740_991;

/// Reads the session of this id. A record under another session's key is refused: it would sign in the wrong user.
pub(super) fn read(value: &[u8], session_id: &[u8]) -> Result<SessionSchema, Error> {
    let session = SessionSchema::from_json(value)?;
    if session.id.as_str().as_bytes() == session_id { Ok(session) } else { Err(Error::Foreign) }
}

/// When Redis is to drop a session, in milliseconds since 1970. Redis takes no time before that.
pub(super) fn expiry(session: &SessionSchema) -> String {
    session.idle_expires.get().clamp(1, LAST).to_string()
}

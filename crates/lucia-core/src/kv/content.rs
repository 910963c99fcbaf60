//! The values of session keys.
//!
//! In a store with conditional writes, a value is a session or a tombstone, and a line with a nonce. After a request
//! without a response the nonce shows whether it was this request that wrote the value. It also gives every write another
//! version in stores whose versions are hashes of the value. A session that was rotated has a hash of its old id in the
//! same line.

use super::{lifetime, nonce::nonce};
use crate::{AdapterError, AdapterErrorKind as Kind, AdapterResult, SessionId, SessionSchema, UnixMillis};

/// Returns the value of a session or a tombstone that no other write has.
pub(super) fn with_nonce(mut content: Vec<u8>, now: UnixMillis) -> Vec<u8> {
    content.push(b'\n');
    content.extend_from_slice(nonce(now).as_bytes());
    content
}

/// Adds the digest of the old id of a rotated session to a value with a nonce.
pub(super) fn with_old_digest(mut value: Vec<u8>, digest: &[u8]) -> Vec<u8> {
    value.push(b'-');
    value.extend_from_slice(digest);
    value
}

/// Returns the digest of the id from which the session in a value was rotated.
pub(super) fn old_digest(value: &[u8]) -> Option<&[u8]> {
    split(value).1.split(|byte| *byte == b'-').nth(2)
}

/// Returns the session or the tombstone in a value.
fn without_nonce(value: &[u8]) -> &[u8] {
    split(value).0
}

/// Splits a value into its content and the line with the nonce, which the sessions of Lucia JS do not have.
fn split(value: &[u8]) -> (&[u8], &[u8]) {
    let is_nonce = |line: &[u8]| line.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    match value.iter().rposition(|byte| *byte == b'\n') {
        Some(end) if is_nonce(&value[end + 1..]) => (&value[..end], &value[end + 1..]),
        _ => (value, b""),
    }
}

/// Decodes the session with this id. The first guide of Lucia's adapter for unstorage also shows lists of sessions as
/// values.
pub(super) fn decode(value: &[u8], id: &SessionId) -> AdapterResult<SessionSchema> {
    match SessionSchema::from_json(value) {
        Ok(session) if session.id == *id => Ok(session),
        Ok(_) => Err(AdapterError::new(Kind::Decode).with_source("the value is another session's")),
        Err(error) => {
            let listed = serde_json::from_slice::<Vec<SessionSchema>>(value).unwrap_or_default();
            let session = listed.into_iter().find(|session| session.id == *id);
            session.ok_or_else(|| AdapterError::new(Kind::Decode).with_source(error))
        }
    }
}

/// Returns the session in a value, or `None` for a tombstone.
pub(super) fn session(value: &[u8], id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
    if parse_tombstone(value).is_some() { Ok(None) } else { decode(without_nonce(value), id).map(Some) }
}

/// Returns the expiry of a tombstone, or `None` for any other value.
pub(super) fn parse_tombstone(value: &[u8]) -> Option<UnixMillis> {
    lifetime::from_value(without_nonce(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);

    #[test]
    fn sessions_and_tombstones_are_read_with_and_without_a_nonce() {
        let stored = SessionSchema::new("s1", "u1", NOW, NOW);
        let json = stored.to_json().into_bytes();
        let indented = b"{\n  \"id\": \"s1\",\n  \"user_id\": \"u1\",\n  \"active_expires\": 1800000000000,\n  \
            \"idle_expires\": 1800000000000\n}";
        for value in [json.clone(), with_nonce(json, NOW), indented.to_vec()] {
            assert_eq!(session(&value, &"s1".into()).unwrap(), Some(stored.clone()));
            assert_eq!(parse_tombstone(&value), None);
        }
        for value in [lifetime::to_value(NOW), with_nonce(lifetime::to_value(NOW), NOW)] {
            assert_eq!(session(&value, &"s1".into()).unwrap(), None);
            assert_eq!(parse_tombstone(&value), Some(NOW));
        }
        for corrupt in [&b""[..], b"\n", b"{", b"abc\n0", b"-\n-"] {
            assert!(session(corrupt, &"s1".into()).is_err() && parse_tombstone(corrupt).is_none());
        }
    }

    #[test]
    fn a_rotated_session_has_the_digest_of_its_old_id() {
        let stored = SessionSchema::new("s2", "u1", NOW, NOW);
        let value = with_nonce(stored.to_json().into_bytes(), NOW);
        let digest = SessionId::new("s1").digest();
        let rotated = with_old_digest(value.clone(), digest.as_bytes());
        assert_eq!(session(&rotated, &"s2".into()).unwrap(), Some(stored));
        assert_eq!(old_digest(&rotated), Some(digest.as_bytes()));
        assert_eq!([old_digest(&value), old_digest(b"{}")], [None; 2]);
    }

    #[test]
    fn no_two_writes_of_a_session_are_equal() {
        assert_ne!(with_nonce(b"{}".to_vec(), NOW), with_nonce(b"{}".to_vec(), NOW));
    }
}

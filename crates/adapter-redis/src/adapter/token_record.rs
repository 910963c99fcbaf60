//! The stored form of a token.

use std::borrow::Cow;

use lucia_core::{TokenId, TokenKind, TokenSchema, UnixMillis, UserId};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The start of the value under the key of a token that was taken within the last minute.
const TAKEN: &[u8] = b"taken:";

#[derive(Deserialize, Serialize)]
struct Record<'a> {
    id: Cow<'a, str>,
    kind: Cow<'a, str>,
    user_id: Option<Cow<'a, str>>,
    data: Cow<'a, str>,
    expires: UnixMillis,
    /// The call that stored it. Another call may store another token under the same id later.
    call: Cow<'a, str>,
}

/// Encodes a token with the call that stores it.
pub(super) fn to_json(token: &TokenSchema, call: &str) -> String {
    let record = Record {
        id: token.id.as_str().into(),
        kind: token.kind.as_str().into(),
        user_id: token.user_id.as_ref().map(|user_id| user_id.as_str().into()),
        data: token.data.as_str().into(),
        expires: token.expires,
        call: call.into(),
    };
    #[expect(clippy::expect_used, reason = "every field is a string or an integer")]
    serde_json::to_string(&record).expect("a token is always representable in JSON")
}

/// Decodes the token with this id, and returns it with the call that stored it. `None` if it has another kind, or was
/// taken.
pub(super) fn read(value: &[u8], kind: &TokenKind, token_id: &TokenId) -> Result<Option<(TokenSchema, String)>, Error> {
    if value.starts_with(TAKEN) {
        return Ok(None);
    }
    // The error is not kept, because it quotes values.
    let at = |error: serde_json::Error| Error::TokenJson { line: error.line(), column: error.column() };
    let Record { id, kind: stored, user_id, data, expires, call } = serde_json::from_slice(value).map_err(at)?;
    if id != token_id.as_str() {
        return Err(Error::OtherToken);
    }
    if stored != kind.as_str() {
        return Ok(None);
    }
    let user_id = user_id.map(|user_id| UserId::new(user_id.into_owned()));
    let token = TokenSchema { id: token_id.clone(), kind: kind.clone(), user_id, data: data.into_owned(), expires };
    Ok(Some((token, call.into_owned())))
}

/// Returns the entry of a token in the index of its user. Neither a kind nor a call contains a colon.
pub(super) fn entry(token: &TokenSchema, call: &str) -> String {
    format!("{}:{call}:{}", token.kind, token.id.as_str())
}

/// Returns the kind, the call and the id of an entry.
pub(super) fn parse_entry(entry: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let mut parts = entry.splitn(3, |byte| *byte == b':');
    Some((parts.next()?, parts.next()?, parts.next()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KIND: TokenKind = TokenKind::from_static("password_reset");

    proptest! {
        #[test]
        fn any_token_is_read_as_written(id in ".*", user in proptest::option::of(".*"), data in ".*", expires: i64) {
            let mut token = TokenSchema::new(id, KIND, UnixMillis::new(expires)).with_data(data);
            token.user_id = user.map(UserId::new);
            let json = to_json(&token, "1a");
            prop_assert_eq!(read(json.as_bytes(), &KIND, &token.id).unwrap(), Some((token.clone(), "1a".to_owned())));
            let entry = entry(&token, "1a");
            let expected: (&[u8], &[u8], &[u8]) = (b"password_reset", b"1a", token.id.as_str().as_bytes());
            prop_assert_eq!(parse_entry(entry.as_bytes()), Some(expected));
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = (read(&bytes, &KIND, &"t1".into()), parse_entry(&bytes));
        }
    }

    #[test]
    fn other_values_are_errors_without_quotes() {
        let token = TokenSchema::new("hunter2", KIND, UnixMillis::MAX);
        let json = to_json(&token, "1a");
        assert!(matches!(read(json.as_bytes(), &KIND, &"t1".into()), Err(Error::OtherToken)));
        assert!(read(format!("taken:2b:{json}").as_bytes(), &KIND, &token.id).unwrap().is_none());
        for value in
            [json.replace("null", "\"hunter2"), json.replace("9223372036854775807", "\"hunter2\""), "[]".into()]
        {
            let error = read(value.as_bytes(), &KIND, &token.id).unwrap_err();
            assert!(matches!(error, Error::TokenJson { .. }) && !format!("{error} {error:?}").contains("hunter2"));
        }
    }
}

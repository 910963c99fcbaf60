//! Ids, and the names and secrets that belong to them. They are strings in every store; separate types prevent confusing
//! them.

mod text;
mod digest;
mod user_id;
mod key_id;
mod session_handle;
mod session_id;
mod session_token;
mod token_id;
mod token_kind;

pub use self::{
    key_id::{InvalidKeyId, KeyId},
    session_handle::{InvalidSessionHandle, SessionHandle},
    session_id::SessionId,
    session_token::SessionToken,
    token_id::TokenId,
    token_kind::{InvalidTokenKind, TokenKind},
    user_id::UserId,
};

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;

    #[test]
    fn maps_find_ids_by_their_text() {
        assert_eq!(HashMap::from([(UserId::new("u1"), 1)]).get("u1"), Some(&1));
        assert_eq!(BTreeMap::from([(SessionId::new("s1"), 1)]).get("s1"), Some(&1));
        assert_eq!(HashMap::from([(KeyId::from_stored("p:1"), 1)]).get("p:1"), Some(&1));
    }

    #[test]
    fn ids_are_made_of_text_and_give_it_back() {
        let (user, session): (UserId, SessionId) = ("u1".parse().unwrap(), "s1".parse().unwrap());
        let key: KeyId = "github:1:2".parse().unwrap();
        assert_eq!((key.provider_id(), key.provider_user_id()), ("github", "1:2"));
        assert_eq!([String::from(user), session.into(), key.into()], ["u1", "s1", "github:1:2"]);
        assert_eq!(":1".parse::<KeyId>(), Err(InvalidKeyId::EmptyProviderId));
        assert_eq!("github".parse::<KeyId>(), Err(InvalidKeyId::NoColon));
        assert_eq!(KeyId::try_from((String::from("a:b"), "1")), Err(InvalidKeyId::ColonInProviderId));
    }

    #[test]
    fn a_handle_is_that_of_the_token_and_of_its_hash() {
        for token in ["0b3ae9d2c4", "", "\u{65e5}\u{672c}"] {
            let (plain, hashed) = (SessionId::new(token), SessionToken::new(token).hashed_id());
            assert!(!plain.is_hash() && hashed.is_hash());
            assert_eq!(plain.handle(), hashed.handle());
            assert!(!hashed.as_str().contains(&hashed.handle().to_string()), "the handle reveals a part of the hash");
        }
        assert_ne!(SessionId::new("s1").handle(), SessionId::new("s2").handle());
    }

    #[test]
    fn a_hashed_id_is_64_hexadecimal_digits_of_either_case() {
        let hashed = SessionToken::new("s1").hashed_id();
        assert!(SessionId::new(hashed.as_str().to_uppercase()).is_hash());
        for plain in [&hashed.as_str()[1..], &format!("{}0", hashed.as_str()), &format!("{}g", &hashed.as_str()[1..])] {
            assert!(!SessionId::new(plain).is_hash(), "{plain}");
        }
        assert!(!SessionId::new("\u{661}".repeat(32)).is_hash(), "64 bytes of Arabic digits");
    }

    #[test]
    fn handles_are_read_from_16_lower_case_digits_only() {
        let handle: SessionHandle = "00000000000000ff".parse().unwrap();
        assert_eq!(handle.to_string(), "00000000000000ff");
        assert_eq!(serde_json::to_string(&handle).unwrap(), "\"00000000000000ff\"");
        assert_eq!(serde_json::from_str::<SessionHandle>("\"00000000000000ff\"").unwrap(), handle);
        assert!(serde_json::from_str::<SessionHandle>("255").is_err());
        for text in ["", "ff", "00000000000000FF", "+0000000000000ff", "000000000000000ff", "00000000000000\u{e9}"] {
            assert_eq!(text.parse::<SessionHandle>(), Err(InvalidSessionHandle), "{text:?}");
        }
    }
}

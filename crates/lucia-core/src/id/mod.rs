//! The three kinds of ids. They are strings in every store; separate types prevent confusing them.

mod key_id;
mod session_id;
mod user_id;

pub use self::{
    key_id::{InvalidKeyId, KeyId},
    session_id::SessionId,
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
}

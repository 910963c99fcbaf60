use lucia_core::{SessionId, UserId, kv::InvalidKvLayout};

/// What the keys of the index begin with in Lucia JS 2.0 to 2.1.2.
const LUCIA_2: &str = "user_sessions:";

/// What keys begin with. Ids follow as they are: the rest of a key is the id, so no two ids share a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names {
    session: String,
    user_session: String,
}

impl Names {
    pub(super) fn new(session: &str, user_session: &str) -> Result<Self, InvalidKvLayout> {
        if session.is_empty() || user_session.is_empty() {
            return Err(InvalidKvLayout::Empty);
        }
        let (session, user_session) = (format!("{session}:"), format!("{user_session}:"));
        if session.starts_with(&user_session) || user_session.starts_with(&session) {
            return Err(InvalidKvLayout::Crossing);
        }
        Ok(Self { session, user_session })
    }

    pub(super) fn session_key(&self, session_id: &SessionId) -> String {
        format!("{}{}", self.session, session_id.as_str())
    }

    pub(super) fn index_key(&self, user_id: &UserId) -> String {
        format!("{}{user_id}", self.user_session)
    }

    /// The index that Lucia JS 2.0 to 2.1.2 keeps of sessions that are read under these names, if it is another one.
    pub(super) fn other_index_key(&self, user_id: &UserId) -> Option<String> {
        self.other_index_prefix().map(|prefix| format!("{prefix}{user_id}"))
    }

    /// What the keys of that index begin with.
    pub(super) fn other_index_prefix(&self) -> Option<&'static str> {
        (self.session == "session:" && self.user_session != LUCIA_2).then_some(LUCIA_2)
    }

    /// With its colon.
    pub(super) fn session_prefix(&self) -> &str {
        &self.session
    }

    /// With its colon.
    pub(super) fn index_prefix(&self) -> &str {
        &self.user_session
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn r11_equal_and_crossing_prefixes_are_refused() {
        for (session, index) in [("a", "a"), ("a", "a:b"), ("a:b", "a"), ("a:", "a"), ("a", "a:")] {
            assert_eq!(Names::new(session, index), Err(InvalidKvLayout::Crossing), "{session} {index}");
        }
        for (session, index) in [("", "a"), ("a", "")] {
            assert_eq!(Names::new(session, index), Err(InvalidKvLayout::Empty));
        }
    }

    proptest! {
        #[test]
        fn no_key_is_a_session_and_an_index(session in "[a:]{1,4}", index in "[a:]{1,4}", id in "[a:]{0,4}", user in "[a:]{0,4}") {
            if let Ok(names) = Names::new(&session, &index) {
                prop_assert_ne!(names.session_key(&SessionId::new(id)), names.index_key(&UserId::new(user)));
            }
        }
    }
}

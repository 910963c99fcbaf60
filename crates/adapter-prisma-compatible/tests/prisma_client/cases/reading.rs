use lucia_core::{Adapter as _, Attributes, SessionAdapter as _, UserAdapter as _};

use crate::{
    database::Database,
    members::{self, MEMBER, SESSION},
    provider::Provider,
    values::same,
};

/// Compares values one by one, because an assertion about a whole row would print megabytes.
#[track_caller]
pub(super) fn assert_same(found: &Attributes, expected: &Attributes, row: &str) {
    assert_eq!(found.iter().map(|(name, _)| name).collect::<Vec<_>>(), names(expected), "{row}");
    for (name, value) in expected.iter() {
        let found = found.get(name).unwrap();
        let short = |value: &serde_json::Value| value.to_string().chars().take(200).collect::<String>();
        assert!(same(found, value), "{row}.{name}: {} instead of {}", short(found), short(value));
    }
}

fn names(attributes: &Attributes) -> Vec<&str> {
    attributes.iter().map(|(name, _)| name).collect()
}

pub(super) async fn rows_of_the_client_are_read(provider: Provider) {
    let database = Database::with_tables(provider, &members::config()).await;
    let mut client = database.client();
    let adapter = database.adapter(members::config()).await;

    for (index, attributes) in members::rows(provider, MEMBER).into_iter().enumerate() {
        let member = members::member(index, attributes);
        client.create("member", &members::member_to_client(&member));
        let read = adapter.get_user(&member.id).await.unwrap().unwrap();
        assert_same(read.attributes(), member.attributes(), member.id.as_str());
        for key in members::keys(index) {
            client.create("memberKey", &members::key_to_client(&key));
            assert_eq!(adapter.get_key(&key.id).await.unwrap(), Some(key));
        }
        assert_eq!(adapter.get_keys_by_user_id(&member.id).await.unwrap().len(), 2);
    }
    for (index, attributes) in members::rows(provider, SESSION).into_iter().enumerate() {
        let session = members::session(index, attributes);
        client.create("memberSession", &members::session_to_client(&session));
        let read = adapter.get_session(&session.id).await.unwrap().unwrap();
        assert_same(read.attributes(), session.attributes(), session.id.as_str());
        let (joined, user) = adapter.get_session_and_user(&session.id).await.unwrap().unwrap();
        assert_same(joined.attributes(), session.attributes(), session.id.as_str());
        assert_eq!((joined.active_expires, joined.idle_expires), (session.active_expires, session.idle_expires));
        assert_eq!(user, adapter.get_user(&session.user_id).await.unwrap().unwrap());
        assert!(adapter.get_sessions_by_user_id(&session.user_id).await.unwrap().contains(&read));
    }
    client.delete("memberSession", "session0");
    assert_eq!(adapter.get_session(&"session0".into()).await.unwrap(), None);
    client.delete("member", &members::id(0));
    assert_eq!(adapter.get_sessions_by_user_id(&members::id(0).into()).await.unwrap(), []);
    assert_eq!(adapter.get_keys_by_user_id(&members::id(0).into()).await.unwrap(), []);
}

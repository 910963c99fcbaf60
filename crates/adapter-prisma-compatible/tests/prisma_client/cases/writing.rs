use lucia_core::{
    Attributes, HashedPassword, KeyUpdate, SessionAdapter as _, SessionUpdate, UnixMillis, UserAdapter as _, UserUpdate,
};
use serde_json::json;

use super::reading::assert_same;
use crate::{
    database::Database,
    members::{self, Field, MEMBER, SESSION},
    provider::Provider,
    values::same,
};

pub(super) async fn rows_written_here_are_read_by_the_client(provider: Provider) {
    let database = Database::with_tables(provider, &members::config()).await;
    let mut client = database.client();
    let adapter = database.adapter(members::config()).await;

    for (index, attributes) in members::rows(provider, MEMBER).into_iter().enumerate() {
        let member = members::member(index, attributes);
        let keys = members::keys(index);
        adapter.set_user(&member, Some(&keys[0])).await.unwrap();
        adapter.set_key(&keys[1]).await.unwrap();
        let read = members::member_from_client(&client.find("member", member.id.as_str()).unwrap());
        assert_same(read.attributes(), member.attributes(), member.id.as_str());
        for key in keys {
            assert_eq!(client.find("memberKey", key.id.as_str()), Some(members::key_to_client(&key)));
        }
    }
    for (index, attributes) in members::rows(provider, SESSION).into_iter().enumerate() {
        let session = members::session(index, attributes);
        adapter.set_session(&session).await.unwrap();
        let read = members::session_from_client(&client.find("memberSession", session.id.as_str()).unwrap());
        assert_same(read.attributes(), session.attributes(), session.id.as_str());
        assert_eq!((read.active_expires, read.idle_expires), (session.active_expires, session.idle_expires));
        assert_eq!((read.id, read.user_id), (session.id, session.user_id));
    }
    adapter.delete_session(&"session0".into()).await.unwrap();
    assert_eq!(client.find("memberSession", "session0"), None);
    adapter.delete_user(&members::id(0).into()).await.unwrap();
    assert_eq!(client.find("member", &members::id(0)), None);
    assert_eq!(client.find("memberSession", "session1"), None);
    assert_eq!(client.find("memberKey", members::keys(0)[0].id.as_str()), None);
}

/// Updates each attribute from one value to the next, one at a time, including null.
pub(super) async fn updates_made_here_are_read_by_the_client(provider: Provider) {
    let database = Database::with_tables(provider, &members::config()).await;
    let mut client = database.client();
    let adapter = database.adapter(members::config()).await;
    let member = members::member(0, members::rows(provider, MEMBER).remove(0));
    let session = members::session(0, members::rows(provider, SESSION).remove(0));
    adapter.set_user(&member, None).await.unwrap();
    adapter.set_session(&session).await.unwrap();

    let (mut expected_member, mut expected_session) = (member.attributes().clone(), session.attributes().clone());
    for changes in changes(provider, MEMBER) {
        adapter
            .update_user(&member.id, &UserUpdate::default().with_attributes(changes.clone()).unwrap())
            .await
            .unwrap();
        expected_member.merge(&changes);
        let read = members::member_from_client(&client.find("member", member.id.as_str()).unwrap());
        assert_same(read.attributes(), &expected_member, "member");
    }
    for changes in changes(provider, SESSION) {
        let update = SessionUpdate::default().with_attributes(changes.clone()).unwrap();
        adapter.update_session(&session.id, &update).await.unwrap();
        expected_session.merge(&changes);
        let read = members::session_from_client(&client.find("memberSession", session.id.as_str()).unwrap());
        assert_same(read.attributes(), &expected_session, "session");
    }
}

pub(super) async fn updates_of_the_client_are_read(provider: Provider) {
    let database = Database::with_tables(provider, &members::config()).await;
    let mut client = database.client();
    let adapter = database.adapter(members::config()).await;
    let member = members::member(0, members::rows(provider, MEMBER).remove(0));
    client.create("member", &members::member_to_client(&member));

    let mut expected = member.attributes().clone();
    for changes in changes(provider, MEMBER) {
        client.update("member", member.id.as_str(), &members::attributes_to_client(MEMBER, &changes).into());
        expected.merge(&changes);
        let read = adapter.get_user(&member.id).await.unwrap().unwrap();
        assert_same(read.attributes(), &expected, "member");
    }

    let session = members::session(0, members::rows(provider, SESSION).remove(0));
    client.create("memberSession", &members::session_to_client(&session));
    let mut expected = session.attributes().clone();
    for changes in changes(provider, SESSION) {
        client.update("memberSession", session.id.as_str(), &members::attributes_to_client(SESSION, &changes).into());
        expected.merge(&changes);
        let read = adapter.get_session(&session.id).await.unwrap().unwrap();
        assert_same(read.attributes(), &expected, "session");
    }
}

/// Updates each field to each value, and back to null if possible.
pub(super) fn changes(provider: Provider, fields: &[Field]) -> Vec<Attributes> {
    let of_field = |field: &Field| {
        let values = field.values(provider);
        let back = values.last().cloned();
        values.into_iter().chain(back).map(|value| Attributes::from([(field.name, value)])).collect::<Vec<_>>()
    };
    fields.iter().flat_map(of_field).collect()
}

pub(super) async fn keys_and_renewals_written_here_are_read_by_the_client(provider: Provider) {
    let database = Database::with_tables(provider, &members::config()).await;
    let mut client = database.client();
    let adapter = database.adapter(members::config()).await;
    let member = members::member(0, members::rows(provider, MEMBER).remove(0));
    let [mut key, other] = members::keys(0);
    adapter.set_user(&member, Some(&key)).await.unwrap();
    adapter.set_key(&other).await.unwrap();

    for hash in [None, Some("s2:a:b"), Some(""), None] {
        let hash = hash.map(HashedPassword::new);
        let update = KeyUpdate::default().with_hashed_password(hash.clone());
        adapter.update_key(&key.id, &update).await.unwrap();
        key.hashed_password = hash;
        assert_eq!(client.find("memberKey", key.id.as_str()), Some(members::key_to_client(&key)));
    }
    assert_eq!(client.find("memberKey", other.id.as_str()), Some(members::key_to_client(&other)), "left alone");

    let session = members::session(0, members::rows(provider, SESSION).remove(0));
    adapter.set_session(&session).await.unwrap();
    for (active, idle) in [(1, 2), (0, -1), (i64::MIN, i64::MAX), (1_800_000_000_000, 1_900_000_000_000)] {
        let renewal = SessionUpdate::renewal(UnixMillis::new(active), UnixMillis::new(idle));
        adapter.update_session(&session.id, &renewal).await.unwrap();
        let row = client.find("memberSession", session.id.as_str()).unwrap();
        let expected = [active, idle].map(|time| json!({"$bigint": time.to_string()}));
        assert_eq!([&row["active_expires"], &row["idle_expires"]], [&expected[0], &expected[1]]);
        let read = members::session_from_client(&row);
        assert!(read.attributes().iter().all(|(name, value)| same(value, session.attributes().get(name).unwrap())));
    }
}

/// When it writes, the client rounds the greatest numbers up and drops the sign of zero. Only Postgres keeps that sign.
pub(super) async fn numbers_that_the_client_cannot_write_are_read_by_it(provider: Provider) {
    let database = Database::with_tables(provider, &members::config()).await;
    let (adapter, mut client) = (database.adapter(members::config()).await, database.client());
    let member = members::member(0, members::rows(provider, MEMBER).remove(0));
    adapter.set_user(&member, None).await.unwrap();
    for number in [f64::MAX, f64::MIN, -0.0] {
        let update = UserUpdate::default().with_attributes(Attributes::from([("score", number)])).unwrap();
        adapter.update_user(&member.id, &update).await.unwrap();
        let here = adapter.get_user(&member.id).await.unwrap().unwrap();
        let there = members::member_from_client(&client.find("member", member.id.as_str()).unwrap());
        for read in [here, there] {
            let read = read.attributes().get("score").unwrap().clone();
            let kept = if provider == Provider::Postgres { same(&read, &json!(number)) } else { read == json!(number) };
            assert!(kept, "{read} instead of {number}");
        }
    }
}

/// Both sides store the same bytes.
pub(super) async fn both_store_the_same_bytes(provider: Provider) {
    let config = members::config;
    let (ours, theirs) =
        (Database::with_tables(provider, &config()).await, Database::with_tables(provider, &config()).await);
    let (adapter, mut client) = (ours.adapter(config()).await, theirs.client());

    for (index, attributes) in members::rows(provider, MEMBER).into_iter().enumerate() {
        let member = members::member(index, attributes);
        adapter.set_user(&member, None).await.unwrap();
        client.create("member", &members::member_to_client(&member));
        for key in members::keys(index) {
            adapter.set_key(&key).await.unwrap();
            client.create("memberKey", &members::key_to_client(&key));
        }
    }
    for (index, attributes) in members::rows(provider, SESSION).into_iter().enumerate() {
        let session = members::session(index, attributes);
        adapter.set_session(&session).await.unwrap();
        client.create("memberSession", &members::session_to_client(&session));
    }
    for (table, by) in [("members", "member_id"), ("memberSessions", "session_id"), ("memberKeys", "key_id")] {
        compare(&ours, &theirs, table, by, "").await;
    }

    // Unlike an insert, an update does not contain the other columns.
    let first = members::id(0);
    for changes in changes(provider, MEMBER) {
        adapter
            .update_user(&first.as_str().into(), &UserUpdate::default().with_attributes(changes.clone()).unwrap())
            .await
            .unwrap();
        client.update("member", &first, &members::attributes_to_client(MEMBER, &changes).into());
        compare(&ours, &theirs, "members", "member_id", &first).await;
    }
    for changes in changes(provider, SESSION) {
        let update = SessionUpdate::default().with_attributes(changes.clone()).unwrap();
        adapter.update_session(&"session1".into(), &update).await.unwrap();
        client.update("memberSession", "session1", &members::attributes_to_client(SESSION, &changes).into());
        compare(&ours, &theirs, "memberSessions", "session_id", "session1").await;
    }
}

pub(super) async fn compare(ours: &Database, theirs: &Database, table: &str, by: &str, only: &str) {
    let (ours, theirs) = (ours.stored(table, by, only).await, theirs.stored(table, by, only).await);
    assert_eq!(ours.len(), theirs.len(), "{table}");
    assert!(!ours.is_empty(), "{table}");
    for (ours, theirs) in ours.iter().flatten().zip(theirs.iter().flatten()) {
        let short = |text: &str| text.chars().take(200).collect::<String>();
        assert!(ours == theirs, "{table}: {} instead of {}", short(ours), short(theirs));
    }
}

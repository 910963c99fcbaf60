//! Cases for SQLite, which stores any value in any column.

use adapter_prisma_compatible::DateTimeFormat;
use lucia_core::{AdapterErrorKind as Kind, Attributes, UserAdapter as _, UserUpdate};
use serde_json::{Value, json};

use super::writing::compare;
use crate::{
    database::Database,
    members::{self, MEMBER},
    provider::Provider,
    values::{from_client, same},
};

/// Prisma's older format, which its driver adapters can still write.
pub(super) async fn times_as_milliseconds_are_shared(provider: Provider) {
    let config = || members::config().date_time_format(DateTimeFormat::UnixEpochMillis);
    let (ours, theirs) =
        (Database::with_tables(provider, &config()).await, Database::with_tables(provider, &config()).await);
    let adapter = ours.adapter(config()).await;
    let mut client = theirs.client_with(&json!({"timestampFormat": "unixepoch-ms"}));
    for (index, attributes) in members::rows(provider, MEMBER).into_iter().enumerate() {
        let member = members::member(index, attributes);
        adapter.set_user(&member, None).await.unwrap();
        client.create("member", &members::member_to_client(&member));
    }
    compare(&ours, &theirs, "members", "member_id", "").await;

    // By default, the adapter writes the format that it finds.
    let found = theirs.adapter(members::config()).await;
    let (id, time) = (members::id(1), json!("2001-02-03T04:05:06.789Z"));
    let update = UserUpdate::default().with_attributes(Attributes::from([("joinedAt", time.clone())])).unwrap();
    found.update_user(&id.as_str().into(), &update).await.unwrap();
    adapter.update_user(&id.as_str().into(), &update).await.unwrap();
    compare(&ours, &theirs, "members", "member_id", &id).await;

    // Both sides read both formats, whichever they write.
    for format in ["iso8601", "unixepoch-ms"] {
        let mut client = theirs.client_with(&json!({"timestampFormat": format}));
        let read = members::member_from_client(&client.find("member", &id).unwrap());
        assert_eq!(read.attributes().get("joinedAt"), Some(&time));
        let read = found.get_user(&id.as_str().into()).await.unwrap().unwrap();
        assert_eq!(read.attributes().get("joinedAt"), Some(&time));
    }
}

/// Numbers that SQLite or the client changes are read alike by both sides.
pub(super) async fn numbers_changed_on_the_way_are_read_alike(provider: Provider) {
    let database = Database::with_tables(provider, &members::config()).await;
    let (adapter, mut client) = (database.adapter(members::config()).await, database.client());
    let member = members::member(0, members::rows(provider, MEMBER).remove(0));
    adapter.set_user(&member, None).await.unwrap();
    let update =
        |name: &str, value: Value| UserUpdate::default().with_attributes(Attributes::from([(name, value)])).unwrap();

    // SQLite has no negative zero.
    adapter.update_user(&member.id, &update("score", json!(-0.0))).await.unwrap();
    let ours = database.stored("members", "member_id", "").await;
    client.update("member", member.id.as_str(), &json!({"score": {"$number": "-0"}}));
    assert_eq!(database.stored("members", "member_id", "").await, ours);
    assert_eq!(client.find("member", member.id.as_str()).unwrap()["score"], json!(0));

    // The client rounds decimals of many digits; this crate rejects them, and reads the rounded ones.
    let digits = "0.123456789012345678901234567890";
    let rejected = adapter.update_user(&member.id, &update("price", json!(digits))).await.unwrap_err();
    assert_eq!((rejected.kind(), rejected.attribute()), (Kind::InvalidAttribute, Some("price")));
    client.update("member", member.id.as_str(), &json!({"price": {"$decimal": digits}}));
    let row = client.find("member", member.id.as_str()).unwrap();
    let read = adapter.get_user(&member.id).await.unwrap().unwrap();
    assert_eq!(read.attributes().get("price").unwrap(), &row["price"]["$decimal"]);

    // The client converts the greatest numbers to infinity, which JSON does not have.
    client.update("member", member.id.as_str(), &json!({"score": f64::MAX}));
    assert_eq!(client.find("member", member.id.as_str()).unwrap()["score"], json!({"$number": "Infinity"}));
    assert_eq!(adapter.get_user(&member.id).await.unwrap_err().kind(), Kind::Decode);
}

/// Both sides read values of other writers alike.
const ALIKE: &[(&str, &str)] = &[
    ("joined_at", "'2023-07-06 05:04:03'"),
    ("joined_at", "'2023-07-06 05:04:03.021'"),
    ("joined_at", "'2023-07-06T05:04:03'"),
    ("joined_at", "'2023-07-06T05:04:03Z'"),
    ("joined_at", "'2023-07-06T05:04:03.021999999Z'"),
    ("joined_at", "'2023-07-06T07:04:03.021+02:00'"),
    ("joined_at", "'2023-07-06T00:34:03.021-04:30'"),
    ("joined_at", "'2023-07-06'"),
    ("joined_at", "1688619843021"),
    ("joined_at", "'1688619843021'"),
    ("joined_at", "1688619843021.0"),
    ("joined_at", "-1"),
    ("joined_at", "'yesterday'"),
    ("joined_at", "''"),
    ("joined_at", "'2023-13-01T00:00:00Z'"),
    ("joined_at", "x'00'"),
    ("active", "0"),
    ("active", "1"),
    ("active", "'true'"),
    ("active", "'FALSE'"),
    ("active", "x'01'"),
    ("active", "''"),
    ("active", "'maybe'"),
    ("meta", "' {\"a\" : [1, 2.50] } '"),
    ("meta", "'null'"),
    ("meta", "12"),
    ("meta", "1.5"),
    ("meta", "'1.50'"),
    ("meta", "'{'"),
    ("meta", "''"),
    ("age", "1.5"),
    ("age", "-2.5"),
    ("age", "'12'"),
    ("age", "'x'"),
    ("big", "9223372036854775807"),
    ("big", "12.0"),
    ("big", "'12'"),
    ("big", "'x'"),
    ("score", "7"),
    ("score", "'7.5'"),
    ("price", "100"),
    ("price", "1.10"),
    ("price", "'1.50'"),
    ("price", "'abc'"),
    ("avatar", "x'00ff'"),
    ("avatar", "'text'"),
    ("avatar", "1"),
    ("role", "'super-admin'"),
    ("role", "'SUPER'"),
    ("email_address", "12"),
    ("email_address", "x'6161'"),
];

pub(super) async fn values_of_other_writers_are_read_as_by_the_client(provider: Provider) {
    let database = Database::with_tables(provider, &members::config()).await;
    let (adapter, mut client) = (database.adapter(members::config()).await, database.client());
    let original = members::member(0, members::rows(provider, MEMBER).remove(0));
    for (column, literal) in ALIKE {
        adapter.delete_user(&original.id).await.unwrap();
        adapter.set_user(&original, None).await.unwrap();
        database.run(&format!("UPDATE members SET {column} = {literal}")).await;

        let field = MEMBER.iter().find(|field| field.column == *column).unwrap();
        let theirs = client.try_find("member", original.id.as_str()).ok().map(|row| row[field.name].clone());
        // The client returns invalid dates.
        let theirs = theirs.filter(|value| value["$date"] != "invalid").map(|value| from_client(field.kind, &value));
        let ours = match adapter.get_user(&original.id).await {
            Ok(user) => Some(user.unwrap().attributes().get(field.name).unwrap().clone()),
            Err(error) => {
                assert_eq!(error.kind(), Kind::Decode, "{column} = {literal}");
                None
            }
        };
        let alike = match (&ours, &theirs) {
            (Some(ours), Some(theirs)) => same(ours, theirs),
            (ours, theirs) => ours == theirs,
        };
        assert!(alike, "{column} = {literal}: {ours:?} here, {theirs:?} there");
    }

    // In the client, every query that reads a label that is not in the schema fails.
    database.run("UPDATE members SET email_address = 'a@b', role = 'super'").await;
    assert!(client.try_find("member", original.id.as_str()).is_err());
    let read = adapter.get_user(&original.id).await.unwrap().unwrap();
    assert_eq!(read.attributes().get("role"), Some(&json!("super")));
}

//! Regression tests for the bugs of Lucia JS's SQL adapters, by their numbers.

use adapter_prisma_compatible::{Attribute, AttributeType, PrismaAdapter, PrismaConfig, PrismaUserAdapter, Table};
use lucia_core::{
    Adapter, AdapterErrorKind as Kind, Attributes, HashedPassword, KeyId, KeyUpdate, SessionAdapter, SessionUpdate,
    SplitAdapter, UserAdapter, UserSchema, UserUpdate, memory::MemoryAdapter,
};
use serde_json::json;

use super::reasons;
use crate::support::{
    Database, FOREIGN_KEYS_ARE_NAMED, NativeError, QUOTE, RENAME_CONSTRAINTS, Scratch, TENANT, config, count, key,
    kind, named, one, renewal, run, session, sql, user, without_foreign_keys,
};

#[tokio::test]
async fn p1_updates_of_missing_rows_are_typed_and_create_nothing() {
    let database = Database::create(config()).await;
    let name = UserUpdate::default().with_attributes(one("username", "x")).unwrap();
    assert_eq!(kind(database.update_user(&"u".into(), &name).await), Kind::InvalidUserId);
    let renewal = renewal(1, 2, None);
    assert_eq!(kind(database.update_session(&"s".into(), &renewal).await), Kind::InvalidSessionId);
    assert_eq!(kind(database.rotate_session(&"s".into(), &"t".into(), &renewal).await), Kind::InvalidSessionId);
    let hash = KeyUpdate::default().with_hashed_password(None);
    assert_eq!(kind(database.update_key(&KeyId::from_stored("p:k"), &hash).await), Kind::InvalidKeyId);
    for table in ["User", "Session", "Key"] {
        assert_eq!(count(&database.pool, table).await, 0);
    }
}

#[tokio::test]
async fn p2_s6_duplicates_are_recognised_whatever_the_constraint_is_called() {
    let database = Database::create(config()).await;
    run(&database.pool, RENAME_CONSTRAINTS).await;
    let database = Database::on(database.scratch, config()).await;
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();

    let again = user("u1");
    assert_eq!(kind(database.set_user(&again, None).await), Kind::DuplicateUserId);
    assert_eq!(kind(database.set_user(&again, Some(&key("p:k", "u1"))).await), Kind::DuplicateUserId);
    assert_eq!(kind(database.set_user(&again, Some(&key("p:other", "u1"))).await), Kind::DuplicateUserId);
    assert_eq!(kind(database.set_user(&user("u2"), Some(&key("p:k", "u2"))).await), Kind::DuplicateKeyId);
    assert_eq!(kind(database.set_key(&key("p:k", "u1")).await), Kind::DuplicateKeyId);
    let same_name = UserSchema::new("u2").with_attributes(one("username", "name of u1")).unwrap();
    for key in [None, Some(key("p:k2", "u2"))] {
        let error = database.set_user(&same_name, key.as_ref()).await.unwrap_err();
        assert_eq!((error.kind(), error.attribute()), (Kind::DuplicateAttribute, Some("username")));
        assert!(error.downcast_ref::<NativeError>().is_some(), "the driver's own error can be reached");
    }
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (1, 1));

    let second = user("u2");
    database.set_user(&second, None).await.unwrap();
    let taken = UserUpdate::default().with_attributes(one("username", "name of u1")).unwrap();
    let error = database.update_user(&second.id, &taken).await.unwrap_err();
    assert_eq!((error.kind(), error.attribute()), (Kind::DuplicateAttribute, Some("username")));
}

#[tokio::test]
async fn p3_a_foreign_key_of_the_application_is_not_reported_as_an_unknown_user() {
    let tables = sql(r#"
        CREATE TABLE "Org" ("id" VARCHAR(191) PRIMARY KEY);
        INSERT INTO "Org" VALUES ('o'), ('u1');
        CREATE TABLE "User" ("id" VARCHAR(191) PRIMARY KEY, "org" VARCHAR(191), FOREIGN KEY ("org") REFERENCES "Org" ("id"));
        CREATE TABLE "Session" ("id" VARCHAR(191) PRIMARY KEY, "user_id" VARCHAR(191) NOT NULL, "active_expires" BIGINT NOT NULL,
            "idle_expires" BIGINT NOT NULL, "org" VARCHAR(191), FOREIGN KEY ("org") REFERENCES "Org" ("id"),
            FOREIGN KEY ("user_id") REFERENCES "User" ("id"), CONSTRAINT "{TENANT}" FOREIGN KEY ("user_id") REFERENCES "Org" ("id"));
        CREATE TABLE "Key" ("id" VARCHAR(191) PRIMARY KEY, "hashed_password" VARCHAR(191), "user_id" VARCHAR(191) NOT NULL,
            FOREIGN KEY ("user_id") REFERENCES "User" ("id"), CONSTRAINT "tenant" FOREIGN KEY ("user_id") REFERENCES "Org" ("id"))"#);
    let database = Database::from_sql(&tables.replace("{TENANT}", TENANT), PrismaConfig::default()).await;
    let org = (Kind::InvalidAttribute, FOREIGN_KEYS_ARE_NAMED.then(|| "org".to_owned()));
    let of = |id: &str, org: &str| UserSchema::new(id).with_attributes(one("org", org)).unwrap();
    assert_eq!(named(database.set_user(&of("u1", "none"), None).await), org);
    assert_eq!(named(database.set_user(&of("u1", "none"), Some(&key("p:k", "u1"))).await), org);
    for id in ["u1", "u2"] {
        database.set_user(&of(id, "o"), None).await.unwrap();
    }
    let elsewhere = session("s1", "u1").with_attributes(one("org", "none")).unwrap();
    assert_eq!(named(database.set_session(&elsewhere).await), org);
    let nobodys = session("s1", "u9").with_attributes(one("org", "o")).unwrap();
    assert_eq!(kind(database.set_session(&nobodys).await), Kind::InvalidUserId);
    // The user exists. The other foreign key of the same column is the application's.
    assert_eq!(kind(database.set_session(&session("s1", "u2")).await), Kind::InvalidAttribute);
    assert_eq!(kind(database.set_key(&key("p:k", "u2")).await), Kind::InvalidAttribute);
    assert_eq!(kind(database.set_key(&key("p:k", "u9")).await), Kind::InvalidUserId);
    assert_eq!((count(&database.pool, "Session").await, count(&database.pool, "Key").await), (0, 0));
}

#[tokio::test]
async fn the_cause_of_a_rejected_write_names_the_reason() {
    let database = Database::from_sql(&sql(reasons::TABLES), reasons::config()).await;
    reasons::rejected_writes_name_the_reason(&database, FOREIGN_KEYS_ARE_NAMED).await;
    run(&database.pool, &sql(reasons::POST)).await;
    reasons::a_referenced_row_is_not_deleted(&database, FOREIGN_KEYS_ARE_NAMED).await;
}

#[tokio::test]
async fn p4_a_duplicate_session_id_is_typed_and_changes_nothing() {
    let unique = Table::named("Session").attribute("device", Attribute::string().optional().unique());
    let database = Database::create(config().session(unique)).await;
    for id in ["u1", "u2"] {
        database.set_user(&user(id), None).await.unwrap();
    }
    let device = |id: &str, user: &str| session(id, user).with_attributes(one("device", "phone")).unwrap();
    let first = device("s1", "u1");
    database.set_session(&first).await.unwrap();
    assert_eq!(kind(database.set_session(&session("s1", "u2")).await), Kind::DuplicateSessionId);
    assert_eq!(kind(database.set_session(&device("s1", "u2")).await), Kind::DuplicateSessionId, "and not the device");
    let error = database.set_session(&device("s2", "u2")).await.unwrap_err();
    assert_eq!((error.kind(), error.attribute()), (Kind::DuplicateAttribute, Some("device")));

    database.set_session(&session("s2", "u2")).await.unwrap();
    for from in ["s2", "s1"] {
        let taken = database.rotate_session(&from.into(), &"s1".into(), &SessionUpdate::default()).await;
        assert_eq!(kind(taken), Kind::DuplicateSessionId, "{from}");
    }
    assert_eq!(database.get_session(&"s1".into()).await.unwrap(), Some(first));
}

#[tokio::test]
async fn p5_deleting_twice_succeeds() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();
    for _ in 0..2 {
        database.delete_session(&"s1".into()).await.unwrap();
        database.delete_key(&KeyId::from_stored("p:k")).await.unwrap();
        database.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
        database.delete_keys_by_user_id(&"u1".into()).await.unwrap();
        database.delete_user(&"u1".into()).await.unwrap();
    }
}

/// A program without foreign keys leaves an orphaned session.
#[tokio::test]
async fn p6_c16_session_and_user_are_read_together_and_orphans_are_deleted() {
    let database = without_foreign_keys().await;
    database.set_user(&user("u1"), None).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();
    let joined = database.get_session_and_user(&"s1".into()).await.unwrap();
    assert_eq!(joined.as_ref().map(|(_, user)| user.id.as_str()), Some("u1"));

    run(&database.pool, &sql(r#"DELETE FROM "User""#)).await;
    assert_eq!(count(&database.pool, "Session").await, 1);
    assert_eq!(database.get_session_and_user(&"s1".into()).await.unwrap(), None);
    assert_eq!(count(&database.pool, "Session").await, 0);
}

#[tokio::test]
async fn p7_an_adapter_without_a_session_table_stores_users_and_keys() {
    let scratch = Scratch::create().await;
    let never_made = Table::named("Session").attribute("count", Attribute::new(AttributeType::Int).default_now());
    config().session(never_made).create_user_tables(&scratch.pool).await.unwrap();
    let users = PrismaUserAdapter::with_config(scratch.pool.clone(), config()).await.unwrap();
    assert!(PrismaAdapter::with_config(scratch.pool.clone(), config()).await.is_err(), "and no other");

    let adapter = SplitAdapter::new(users, MemoryAdapter::without_foreign_keys());
    adapter.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    adapter.set_session(&session("s1", "u1")).await.unwrap();
    let (_, found) = adapter.get_session_and_user(&"s1".into()).await.unwrap().unwrap();
    assert_eq!(found.id.as_str(), "u1");
    adapter.delete_user(&"u1".into()).await.unwrap();
    assert_eq!((count(&scratch.pool, "User").await, count(&scratch.pool, "Key").await), (0, 0));
}

#[tokio::test]
async fn p8_user_and_key_are_inserted_atomically_in_that_order() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    assert_eq!(kind(database.set_user(&user("u2"), Some(&key("p:k", "u2"))).await), Kind::DuplicateKeyId);
    assert_eq!(kind(database.set_user(&user("u2"), Some(&key("p:k2", "u1"))).await), Kind::InvalidUserId);
    assert_eq!(kind(database.set_user(&user("u2"), Some(&key("p:k2", "u9"))).await), Kind::InvalidUserId);
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (1, 1));
}

#[tokio::test]
async fn s1_empty_updates_change_nothing_and_report_missing_rows() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();
    let (users, sessions, keys) = (UserUpdate::default(), SessionUpdate::default(), KeyUpdate::default());
    let stored = database.get_session_and_user(&"s1".into()).await.unwrap();
    assert!(stored.is_some());
    database.update_user(&"u1".into(), &users).await.unwrap();
    database.update_session(&"s1".into(), &sessions).await.unwrap();
    database.update_key(&KeyId::from_stored("p:k"), &keys).await.unwrap();
    assert_eq!(database.get_session_and_user(&"s1".into()).await.unwrap(), stored);
    assert_eq!(database.get_key(&KeyId::from_stored("p:k")).await.unwrap(), Some(key("p:k", "u1")));

    assert_eq!(kind(database.update_user(&"u9".into(), &users).await), Kind::InvalidUserId);
    assert_eq!(kind(database.update_session(&"s9".into(), &sessions).await), Kind::InvalidSessionId);
    assert_eq!(kind(database.update_key(&KeyId::from_stored("p:9"), &keys).await), Kind::InvalidKeyId);
}

/// The names of the database's system columns are not attributes, either.
#[tokio::test]
async fn s2_attribute_names_are_never_sql() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();
    let stored = database.get_session_and_user(&"s1".into()).await.unwrap();
    for name in [
        "a`b",
        "a\"; DROP TABLE \"User",
        "a`; DROP TABLE `User",
        "username\" = 'x', \"age",
        "username` = 'x', `age",
        "USERNAME",
        "username ",
        "",
        "rowid",
        "ctid",
        "age\0",
    ] {
        let attributes = || Attributes::from([("username", json!("x")), (name, json!("y"))]);
        let country = || one(name, "y");
        for result in [
            database.set_user(&UserSchema::new("u2").with_attributes(attributes()).unwrap(), None).await,
            database.update_user(&"u1".into(), &UserUpdate::default().with_attributes(attributes()).unwrap()).await,
            database.set_session(&session("s2", "u1").with_attributes(country()).unwrap()).await,
            database.update_session(&"s1".into(), &SessionUpdate::default().with_attributes(country()).unwrap()).await,
        ] {
            assert_eq!(named(result), (Kind::InvalidAttribute, Some(name.to_owned())));
        }
    }
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Session").await), (1, 1));
    assert_eq!(database.get_session_and_user(&"s1".into()).await.unwrap(), stored);
}

#[tokio::test]
async fn s2_columns_of_the_database_with_odd_names_are_quoted() {
    let name = format!("a{QUOTE}; DROP TABLE Key; --");
    let tables =
        sql(r#"CREATE TABLE "User" ("id" VARCHAR(191) PRIMARY KEY, "a""; DROP TABLE Key; --" TEXT, "select" INTEGER);
         CREATE TABLE "Session" ("id" VARCHAR(191) PRIMARY KEY, "user_id" VARCHAR(191), "active_expires" BIGINT,
             "idle_expires" BIGINT);
         CREATE TABLE "Key" ("id" VARCHAR(191) PRIMARY KEY, "user_id" VARCHAR(191), "hashed_password" VARCHAR(191))"#);
    let database = Database::from_sql(&tables, PrismaConfig::default()).await;
    let attributes = Attributes::from([(name.as_str(), json!("x")), ("select", json!(1))]);
    let odd = UserSchema::new("u1").with_attributes(attributes.clone()).unwrap();
    database.set_user(&odd, Some(&key("p:k", "u1"))).await.unwrap();
    database.update_user(&odd.id, &UserUpdate::default().with_attributes(attributes).unwrap()).await.unwrap();
    assert_eq!(database.get_user(&odd.id).await.unwrap(), Some(odd));
}

#[tokio::test]
async fn s7_a_rollback_touches_no_other_row() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), Some(&key("u2", "u1"))).await.unwrap();
    assert_eq!(kind(database.set_user(&user("u2"), Some(&key("u2", "u2"))).await), Kind::DuplicateKeyId);
    assert_eq!(database.get_key(&KeyId::from_stored("u2")).await.unwrap(), Some(key("u2", "u1")));
    assert_eq!(database.get_user(&"u2".into()).await.unwrap(), None);
}

#[tokio::test]
async fn s8_the_joined_read_does_not_mix_columns_of_one_name() {
    let both = || Attribute::new(AttributeType::BigInt).optional();
    let users = Table::named("User").attribute("created", both()).attribute("user_id", Attribute::string().optional());
    let sessions = Table::named("Session").attribute("created", both());
    let database = Database::create(PrismaConfig::default().user(users).session(sessions)).await;
    let attributes = Attributes::from([("created", json!(1)), ("user_id", json!("x"))]);
    let owner = UserSchema::new("u1").with_attributes(attributes).unwrap();
    let session = session("s1", "u1").with_attributes(one("created", 2)).unwrap();
    database.set_user(&owner, None).await.unwrap();
    assert_eq!(database.set_session_and_get_user(&session).await.unwrap(), owner);
    assert_eq!(database.get_session_and_user(&session.id).await.unwrap(), Some((session, owner)));
}

#[tokio::test]
async fn s9_unknown_users_are_rejected_even_without_foreign_keys() {
    let database = without_foreign_keys().await;
    assert_eq!(kind(database.set_session(&session("s1", "u1")).await), Kind::InvalidUserId);
    assert_eq!(kind(database.set_session_and_get_user(&session("s1", "u1")).await), Kind::InvalidUserId);
    assert_eq!(kind(database.set_key(&key("p:k", "u1")).await), Kind::InvalidUserId);
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();
    database.delete_user(&"u1".into()).await.unwrap();
    for table in ["User", "Session", "Key"] {
        assert_eq!(count(&database.pool, table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn s10_lists_are_complete_in_any_order() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    let expected: Vec<_> = (0..25).map(|index| format!("s{index:02}")).collect();
    for id in expected.iter().rev() {
        database.set_session(&session(id, "u1")).await.unwrap();
    }
    database.update_session(&"s07".into(), &renewal(1, 1, None)).await.unwrap();
    let listed = database.get_sessions_by_user_id(&"u1".into()).await.unwrap();
    let mut listed: Vec<_> = listed.into_iter().map(|session| session.id.into_string()).collect();
    listed.sort();
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn conditions_are_checked_by_the_write_itself() {
    let database = Database::create(config()).await;
    let hashed = key("p:k", "u1").with_hashed_password(HashedPassword::new("old"));
    database.set_user(&user("u1"), Some(&hashed)).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();

    let expecting = |expected| {
        KeyUpdate::default()
            .with_hashed_password(Some(HashedPassword::new("new")))
            .with_expected_hashed_password(HashedPassword::new(expected))
            .with_id(KeyId::from_stored("p:renamed"))
    };
    assert_eq!(kind(database.update_key(&hashed.id, &expecting("other")).await), Kind::Conflict);
    database.update_key(&hashed.id, &expecting("old")).await.unwrap();
    assert_eq!(kind(database.update_key(&hashed.id, &expecting("old")).await), Kind::InvalidKeyId);
    let renamed = key("p:renamed", "u1").with_hashed_password(HashedPassword::new("new"));
    assert_eq!(database.get_keys_by_user_id(&"u1".into()).await.unwrap(), [renamed]);

    let renewal = |expected| renewal(5_000, 6_000, Some(expected));
    assert_eq!(kind(database.update_session(&"s1".into(), &renewal(1)).await), Kind::Conflict);
    assert_eq!(kind(database.rotate_session(&"s1".into(), &"s2".into(), &renewal(1)).await), Kind::Conflict);
    database.update_session(&"s1".into(), &renewal(2_000)).await.unwrap();
    database.rotate_session(&"s1".into(), &"s2".into(), &renewal(6_000)).await.unwrap();
    assert_eq!(database.get_session(&"s1".into()).await.unwrap(), None);
    assert_eq!(database.get_session(&"s2".into()).await.unwrap().unwrap().active_expires.get(), 5_000);
}

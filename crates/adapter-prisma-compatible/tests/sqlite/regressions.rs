//! The bugs of Lucia's own SQL adapters, by their numbers.

use std::time::Duration;

use adapter_prisma_compatible::{Attribute, AttributeType, PrismaAdapter, PrismaConfig, Table, sqlite};
use lucia_core::{
    Adapter, AdapterErrorKind as Kind, Attributes, HashedPassword, KeyId, KeySchema, KeyUpdate, SessionAdapter,
    SessionUpdate, UserAdapter, UserSchema, UserUpdate,
};
use serde_json::json;
use sqlx::sqlite::SqlitePoolOptions;

use crate::support::{Database, config, count, empty, kind, one, renewal, run, session, text, user};

fn key(id: &str, user_id: &str) -> KeySchema {
    KeySchema::new(KeyId::from_stored(id), user_id)
}

#[tokio::test]
async fn p1_updates_of_missing_rows_are_typed_and_create_nothing() {
    let database = Database::create(config()).await;
    let name = UserUpdate::new(one("username", "x")).unwrap();
    assert_eq!(kind(database.update_user(&"u".into(), &name).await), Kind::InvalidUserId);
    let renewal = renewal(1, 2, None);
    assert_eq!(kind(database.update_session(&"s".into(), &renewal).await), Kind::InvalidSessionId);
    assert_eq!(kind(database.rotate_session(&"s".into(), &"t".into(), &renewal).await), Kind::InvalidSessionId);
    let hash = KeyUpdate { hashed_password: Some(None), ..KeyUpdate::default() };
    assert_eq!(kind(database.update_key(&KeyId::from_stored("p:k"), &hash).await), Kind::InvalidKeyId);
    for table in ["User", "Session", "Key"] {
        assert_eq!(count(&database.pool, table).await, 0);
    }
}

#[tokio::test]
async fn p2_s6_what_is_taken_is_told_by_the_statement_and_the_column() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();

    let again = user("u1");
    assert_eq!(kind(database.set_user(&again, None).await), Kind::DuplicateUserId);
    assert_eq!(kind(database.set_user(&again, Some(&key("p:k", "u1"))).await), Kind::DuplicateUserId);
    assert_eq!(kind(database.set_user(&user("u2"), Some(&key("p:k", "u2"))).await), Kind::DuplicateKeyId);
    assert_eq!(kind(database.set_key(&key("p:k", "u1")).await), Kind::DuplicateKeyId);
    let same_name = UserSchema::new("u2").with_attributes(one("username", "name of u1")).unwrap();
    for key in [None, Some(key("p:k2", "u2"))] {
        let error = database.set_user(&same_name, key.as_ref()).await.unwrap_err();
        assert_eq!((error.kind(), error.attribute()), (Kind::DuplicateAttribute, Some("username")));
        assert!(error.downcast_ref::<sqlx::Error>().is_some(), "the driver's own error can be reached");
    }
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (1, 1));

    let second = user("u2");
    database.set_user(&second, None).await.unwrap();
    let taken = UserUpdate::new(one("username", "name of u1")).unwrap();
    let error = database.update_user(&second.id, &taken).await.unwrap_err();
    assert_eq!((error.kind(), error.attribute()), (Kind::DuplicateAttribute, Some("username")));
}

#[tokio::test]
async fn p3_a_foreign_key_of_the_applications_own_is_not_an_unknown_user() {
    let (pool, _folder) = empty().await;
    let config = PrismaConfig::default();
    run(
        &pool,
        "CREATE TABLE Org (id TEXT PRIMARY KEY); INSERT INTO Org VALUES ('o');
         CREATE TABLE User (id TEXT PRIMARY KEY, org TEXT REFERENCES Org (id));",
    )
    .await;
    run(
        &pool,
        "CREATE TABLE Session (id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES User (id) ON DELETE CASCADE,
                active_expires BIGINT NOT NULL, idle_expires BIGINT NOT NULL, org TEXT REFERENCES Org (id))",
    )
    .await;
    config.create_tables(&pool).await.unwrap();
    let adapter = PrismaAdapter::new(pool.clone()).await.unwrap();

    let of = |org: &str| UserSchema::new("u1").with_attributes(one("org", org)).unwrap();
    assert_eq!(kind(adapter.set_user(&of("none"), None).await), Kind::InvalidAttribute);
    adapter.set_user(&of("o"), None).await.unwrap();
    let elsewhere = session("s1", "u1").with_attributes(one("org", "none")).unwrap();
    assert_eq!(kind(adapter.set_session(&elsewhere).await), Kind::InvalidAttribute);
    let nobodys = session("s1", "u9").with_attributes(one("org", "o")).unwrap();
    assert_eq!(kind(adapter.set_session(&nobodys).await), Kind::InvalidUserId);
    assert_eq!(count(&pool, "Session").await, 0);
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
    let taken = database.rotate_session(&"s2".into(), &"s1".into(), &SessionUpdate::default()).await;
    assert_eq!(kind(taken), Kind::DuplicateSessionId);
    let same = database.rotate_session(&"s1".into(), &"s1".into(), &SessionUpdate::default()).await;
    assert_eq!(kind(same), Kind::DuplicateSessionId);
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

#[tokio::test]
async fn p6_c16_session_and_user_are_one_read_and_orphans_go() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();
    let joined = database.get_session_and_user(&"s1".into()).await.unwrap();
    assert_eq!(joined.as_ref().map(|(_, user)| user.id.as_str()), Some("u1"));

    // Another program without foreign keys leaves an orphan behind.
    run(&database.pool, "PRAGMA foreign_keys = OFF; DELETE FROM User; PRAGMA foreign_keys = ON").await;
    assert_eq!(count(&database.pool, "Session").await, 1);
    assert_eq!(database.get_session_and_user(&"s1".into()).await.unwrap(), None);
    assert_eq!(count(&database.pool, "Session").await, 0);
}

#[tokio::test]
async fn p8_user_and_key_are_one_transaction_in_that_order() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    assert_eq!(kind(database.set_user(&user("u2"), Some(&key("p:k2", "u1"))).await), Kind::InvalidUserId);
    assert_eq!(kind(database.set_user(&user("u2"), Some(&key("p:k2", "u9"))).await), Kind::InvalidUserId);
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (1, 1));
}

#[tokio::test]
async fn p8_an_outage_is_unavailable_and_never_an_absence() {
    let (pool, folder) = empty().await;
    config().create_tables(&pool).await.unwrap();
    let options = sqlite::connect_options(&format!("file:{}", folder.path().join("test.db").display())).unwrap();
    let small = SqlitePoolOptions::new().max_connections(1).acquire_timeout(Duration::from_millis(50));
    let small = small.connect_with(options).await.unwrap();
    let adapter = PrismaAdapter::with_config(small.clone(), config()).await.unwrap();
    let held = small.acquire().await.unwrap();
    let error = adapter.get_session_and_user(&"s1".into()).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (Kind::Unavailable, "get_session_and_user"));
    assert!(matches!(error.downcast_ref::<sqlx::Error>(), Some(sqlx::Error::PoolTimedOut)));
    drop(held);
    assert_eq!(adapter.get_session_and_user(&"s1".into()).await.unwrap(), None);
    small.close().await;
    assert_eq!(kind(adapter.delete_session(&"s1".into()).await), Kind::Unavailable);
}

#[tokio::test]
async fn s1_empty_updates_change_nothing_and_report_missing_rows() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();
    let (users, sessions, keys) = (UserUpdate::default(), SessionUpdate::default(), KeyUpdate::default());
    database.update_user(&"u1".into(), &users).await.unwrap();
    database.update_session(&"s1".into(), &sessions).await.unwrap();
    database.update_key(&KeyId::from_stored("p:k"), &keys).await.unwrap();
    assert_eq!(
        database.get_session(&"s1".into()).await.unwrap(),
        Some(session("s1", "u1").with_attributes(one("country", json!(null))).unwrap())
    );

    assert_eq!(kind(database.update_user(&"u9".into(), &users).await), Kind::InvalidUserId);
    assert_eq!(kind(database.update_session(&"s9".into(), &sessions).await), Kind::InvalidSessionId);
    assert_eq!(kind(database.update_key(&KeyId::from_stored("p:9"), &keys).await), Kind::InvalidKeyId);
}

#[tokio::test]
async fn s2_attribute_names_are_never_sql() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();
    for name in
        ["a`b", "a\"; DROP TABLE \"User", "username\" = 'x', \"age", "USERNAME", "username ", "", "rowid", "age\0"]
    {
        let named = || Attributes::from([("username", json!("x")), (name, json!("y"))]);
        let users = [
            database.set_user(&UserSchema::new("u2").with_attributes(named()).unwrap(), None).await,
            database.update_user(&"u1".into(), &UserUpdate::new(named()).unwrap()).await,
        ];
        let attributes = || one(name, "y");
        let sessions = [
            database.set_session(&session("s2", "u1").with_attributes(attributes()).unwrap()).await,
            database
                .update_session(&"s1".into(), &SessionUpdate::default().with_attributes(attributes()).unwrap())
                .await,
        ];
        for result in users.into_iter().chain(sessions) {
            let error = result.unwrap_err();
            assert_eq!((error.kind(), error.attribute()), (Kind::InvalidAttribute, Some(name)));
        }
    }
    assert_eq!(text(&database.pool, "SELECT group_concat(id || username) FROM User").await, "u1name of u1");
    assert_eq!(count(&database.pool, "Session").await, 1);
}

#[tokio::test]
async fn s2_columns_of_the_database_with_odd_names_are_quoted() {
    let sql = "CREATE TABLE User (id TEXT PRIMARY KEY, \"a\"\"; DROP TABLE Key; --\" TEXT, \"select\" INTEGER);
         CREATE TABLE Session (id TEXT PRIMARY KEY, user_id TEXT, active_expires BIGINT, idle_expires BIGINT);
         CREATE TABLE Key (id TEXT PRIMARY KEY, user_id TEXT, hashed_password TEXT);";
    let database = Database::from_sql(sql, PrismaConfig::default()).await;
    let attributes = Attributes::from([("a\"; DROP TABLE Key; --", json!("x")), ("select", json!(1))]);
    let odd = UserSchema::new("u1").with_attributes(attributes.clone()).unwrap();
    database.set_user(&odd, Some(&key("p:k", "u1"))).await.unwrap();
    database.update_user(&odd.id, &UserUpdate::new(attributes).unwrap()).await.unwrap();
    assert_eq!(database.get_user(&odd.id).await.unwrap(), Some(odd));
}

#[tokio::test]
async fn s3_s4_s5_a_failed_transaction_leaves_its_connection_clean() {
    let (pool, folder) = empty().await;
    config().create_tables(&pool).await.unwrap();
    let options = sqlite::connect_options(&format!("file:{}", folder.path().join("test.db").display())).unwrap();
    let single = sqlite::pool_options().max_connections(1).connect_with(options).await.unwrap();
    let adapter = PrismaAdapter::with_config(single.clone(), config()).await.unwrap();
    adapter.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();

    // The application's own transaction is on another connection, so it is neither joined nor rolled back.
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query("SELECT count(*) FROM User").fetch_one(&mut *transaction).await.unwrap();
    for _ in 0..20 {
        assert_eq!(kind(adapter.set_user(&user("u2"), Some(&key("p:k", "u2"))).await), Kind::DuplicateKeyId);
    }
    adapter.set_user(&user("u3"), Some(&key("p:k3", "u3"))).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(count(&pool, "User").await, 2);
}

#[tokio::test]
async fn s3_a_call_that_is_dropped_half_way_leaves_nothing_half_done() {
    let database = Database::create(config()).await;
    for index in 0..50_u32 {
        let (user, key) = (user(&format!("u{index}")), key(&format!("p:{index}"), &format!("u{index}")));
        let call = database.set_user(&user, Some(&key));
        let _ = tokio::time::timeout(Duration::from_micros(u64::from(index) * 20), call).await;
    }
    database.set_user(&user("last"), Some(&key("p:last", "last"))).await.unwrap();
    assert_eq!(count(&database.pool, "User").await, count(&database.pool, "Key").await);
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
    let database = Database::create(
        PrismaConfig::default().user(users).session(Table::named("Session").attribute("created", both())),
    )
    .await;
    let owner = UserSchema::new("u1")
        .with_attributes(Attributes::from([("created", json!(1)), ("user_id", json!("x"))]))
        .unwrap();
    let session = session("s1", "u1").with_attributes(one("created", 2)).unwrap();
    database.set_user(&owner, None).await.unwrap();
    assert_eq!(database.set_session_and_get_user(&session).await.unwrap(), owner);
    assert_eq!(database.get_session_and_user(&session.id).await.unwrap(), Some((session, owner)));
}

/// Tables without a foreign key, and a pool that does not enforce any.
#[tokio::test]
async fn s9_unknown_users_are_refused_without_foreign_keys_too() {
    let (pool, folder) = empty().await;
    config().create_tables(&pool).await.unwrap();
    let options = sqlite::connect_options(&format!("file:{}", folder.path().join("test.db").display())).unwrap();
    let lax = sqlite::pool_options().connect_with(options.foreign_keys(false)).await.unwrap();
    let adapter = PrismaAdapter::with_config(lax, config()).await.unwrap();

    assert_eq!(kind(adapter.set_session(&session("s1", "u1")).await), Kind::InvalidUserId);
    assert_eq!(kind(adapter.set_session_and_get_user(&session("s1", "u1")).await), Kind::InvalidUserId);
    assert_eq!(kind(adapter.set_key(&key("p:k", "u1")).await), Kind::InvalidUserId);
    adapter.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    adapter.set_session(&session("s1", "u1")).await.unwrap();
    adapter.delete_user(&"u1".into()).await.unwrap();
    for table in ["User", "Session", "Key"] {
        assert_eq!(count(&pool, table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn s10_lists_are_whole_whatever_their_order() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    let mut expected: Vec<_> = (0..25).map(|index| format!("s{index:02}")).collect();
    for id in expected.iter().rev() {
        database.set_session(&session(id, "u1")).await.unwrap();
    }
    database.update_session(&"s07".into(), &renewal(1, 1, None)).await.unwrap();
    let listed = database.get_sessions_by_user_id(&"u1".into()).await.unwrap();
    let mut listed: Vec<_> = listed.into_iter().map(|session| session.id.into_string()).collect();
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn conditions_are_checked_by_the_write_itself() {
    let database = Database::create(config()).await;
    let hashed = key("p:k", "u1").with_hashed_password(HashedPassword::new("old"));
    database.set_user(&user("u1"), Some(&hashed)).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();

    let expecting = |expected| KeyUpdate {
        hashed_password: Some(Some(HashedPassword::new("new"))),
        expected_hashed_password: Some(HashedPassword::new(expected)),
        id: Some(KeyId::from_stored("p:renamed")),
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

#[tokio::test]
async fn ids_of_any_characters_are_kept_apart() {
    let database = Database::create(PrismaConfig::default()).await;
    let ids = [
        "", " ", "a", "A", "a ", "a\0b", "a\0", "%", "_", "*", "'", "\"", "\\", "é", "e\u{301}", "😀", "1", "01", "1.0",
    ];
    for id in ids {
        database.set_user(&UserSchema::new(id), Some(&key(&format!("p:{id}"), id))).await.unwrap();
        database.set_session(&session(id, id)).await.unwrap();
    }
    for id in ids {
        assert_eq!(database.get_user(&id.into()).await.unwrap().unwrap().id.as_str(), id);
        let (session, user) = database.get_session_and_user(&id.into()).await.unwrap().unwrap();
        assert_eq!((session.id.as_str(), user.id.as_str()), (id, id));
        assert_eq!(database.get_keys_by_user_id(&id.into()).await.unwrap().len(), 1);
    }
    database.delete_user(&"a".into()).await.unwrap();
    assert_eq!(count(&database.pool, "Session").await, i64::try_from(ids.len()).unwrap() - 1);
}

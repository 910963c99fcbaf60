//! The bugs of Lucia's own SQL adapters, by their numbers.

use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, PrismaUserAdapter, Table, postgres};
use lucia_core::{
    Adapter, AdapterErrorKind as Kind, Attributes, KeyId, KeyUpdate, SessionAdapter, SessionUpdate, SplitAdapter,
    UserAdapter, UserSchema, UserUpdate, memory::MemoryAdapter,
};
use serde_json::json;

use crate::{
    server::{Scratch, at},
    support::{Database, config, count, key, kind, one, renewal, run, session, user},
};

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
async fn p2_s6_what_is_taken_is_told_by_the_table_and_the_constraint() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    // Prisma named constraints otherwise before its version 3, and `map:` names them as one likes.
    run(
        &database.pool,
        r#"ALTER TABLE "Key" RENAME CONSTRAINT "Key_pkey" TO "id"; ALTER INDEX "Key_id_key" RENAME TO "Key.id_unique";
           ALTER INDEX "User_username_key" RENAME TO "Key_pkey""#,
    )
    .await;
    let database = PrismaAdapter::with_config(database.pool.clone(), config()).await.map(|adapter| (adapter, database));
    let (adapter, database) = database.unwrap();

    let again = user("u1");
    assert_eq!(kind(adapter.set_user(&again, None).await), Kind::DuplicateUserId);
    assert_eq!(kind(adapter.set_user(&again, Some(&key("p:k", "u1"))).await), Kind::DuplicateUserId);
    assert_eq!(kind(adapter.set_user(&again, Some(&key("p:other", "u1"))).await), Kind::DuplicateUserId);
    assert_eq!(kind(adapter.set_user(&user("u2"), Some(&key("p:k", "u2"))).await), Kind::DuplicateKeyId);
    assert_eq!(kind(adapter.set_key(&key("p:k", "u1")).await), Kind::DuplicateKeyId);
    let same_name = UserSchema::new("u2").with_attributes(one("username", "name of u1")).unwrap();
    for key in [None, Some(key("p:k2", "u2"))] {
        let error = adapter.set_user(&same_name, key.as_ref()).await.unwrap_err();
        assert_eq!((error.kind(), error.attribute()), (Kind::DuplicateAttribute, Some("username")));
    }
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (1, 1));

    let second = user("u2");
    adapter.set_user(&second, None).await.unwrap();
    let taken = UserUpdate::new(one("username", "name of u1")).unwrap();
    let error = adapter.update_user(&second.id, &taken).await.unwrap_err();
    assert_eq!((error.kind(), error.attribute()), (Kind::DuplicateAttribute, Some("username")));
}

#[tokio::test]
async fn p2_the_language_of_the_server_decides_nothing() {
    let scratch = Scratch::create().await;
    let pool = postgres::connect(&format!("{}&options=-c%20lc_messages%3Dde_DE.utf8", at(&scratch.schema))).await;
    // Not every machine has that language.
    let pool = pool.unwrap_or_else(|_| scratch.pool.clone());
    config().create_tables(&pool).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool, config()).await.unwrap();
    adapter.set_user(&user("u1"), None).await.unwrap();
    assert_eq!(kind(adapter.set_user(&user("u1"), None).await), Kind::DuplicateUserId);
}

#[tokio::test]
async fn p3_a_foreign_key_of_the_applications_own_is_not_an_unknown_user() {
    let sql = r#"
        CREATE TABLE "Org" ("id" TEXT PRIMARY KEY);
        INSERT INTO "Org" VALUES ('o'), ('u1');
        CREATE TABLE "User" ("id" TEXT PRIMARY KEY, "org" TEXT REFERENCES "Org" ("id"));
        CREATE TABLE "Session" ("id" TEXT PRIMARY KEY,
            "user_id" TEXT NOT NULL REFERENCES "User" ("id") ON DELETE CASCADE CONSTRAINT "tenant" REFERENCES "Org" ("id"),
            "active_expires" BIGINT NOT NULL, "idle_expires" BIGINT NOT NULL, "org" TEXT REFERENCES "Org" ("id"));
        CREATE TABLE "Key" ("id" TEXT PRIMARY KEY, "hashed_password" TEXT, "user_id" TEXT NOT NULL
            CONSTRAINT "Key_user_id_fkey" REFERENCES "User" ("id") CONSTRAINT "tenant" REFERENCES "Org" ("id"))"#;
    let database = Database::from_sql(sql, PrismaConfig::default()).await;
    let of = |id: &str, org: &str| UserSchema::new(id).with_attributes(one("org", org)).unwrap();
    let error = database.set_user(&of("u1", "none"), None).await.unwrap_err();
    assert_eq!((error.kind(), error.attribute()), (Kind::InvalidAttribute, Some("org")));
    let error = database.set_user(&of("u1", "none"), Some(&key("p:k", "u1"))).await.unwrap_err();
    assert_eq!((error.kind(), error.attribute()), (Kind::InvalidAttribute, Some("org")));
    for id in ["u1", "u2"] {
        database.set_user(&of(id, "o"), None).await.unwrap();
    }
    let elsewhere = session("s1", "u1").with_attributes(one("org", "none")).unwrap();
    let error = database.set_session(&elsewhere).await.unwrap_err();
    assert_eq!((error.kind(), error.attribute()), (Kind::InvalidAttribute, Some("org")));
    let nobodys = session("s1", "u9").with_attributes(one("org", "o")).unwrap();
    assert_eq!(kind(database.set_session(&nobodys).await), Kind::InvalidUserId);
    // The user exists. The other foreign key of the same column is the application's.
    assert_eq!(kind(database.set_session(&session("s1", "u2")).await), Kind::InvalidAttribute);
    assert_ne!(kind(database.set_key(&key("p:k", "u2")).await), Kind::InvalidUserId);
    assert_eq!(kind(database.set_key(&key("p:k", "u9")).await), Kind::InvalidUserId);
    assert_eq!((count(&database.pool, "Session").await, count(&database.pool, "Key").await), (0, 0));
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
    assert_eq!(database.get_session(&"s1".into()).await.unwrap(), Some(first));
}

#[tokio::test]
async fn p6_c16_session_and_user_are_one_read_and_orphans_go() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();
    let joined = database.get_session_and_user(&"s1".into()).await.unwrap();
    assert_eq!(joined.as_ref().map(|(_, user)| user.id.as_str()), Some("u1"));

    // Tables as Prisma makes them with `relationMode = "prisma"`.
    run(&database.pool, r#"ALTER TABLE "Session" DROP CONSTRAINT "Session_user_id_fkey"; DELETE FROM "User""#).await;
    assert_eq!(count(&database.pool, "Session").await, 1);
    assert_eq!(database.get_session_and_user(&"s1".into()).await.unwrap(), None);
    assert_eq!(count(&database.pool, "Session").await, 0);
}

#[tokio::test]
async fn p7_without_a_table_of_sessions_there_is_an_adapter_of_users() {
    let scratch = Scratch::create().await;
    config().create_user_tables(&scratch.pool).await.unwrap();
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
async fn p8_user_and_key_are_one_step_in_that_order() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    assert_eq!(kind(database.set_user(&user("u2"), Some(&key("p:k2", "u1"))).await), Kind::InvalidUserId);
    assert_eq!(kind(database.set_user(&user("u2"), Some(&key("p:k2", "u9"))).await), Kind::InvalidUserId);
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (1, 1));

    // Foreign keys that are checked at once, later, or not at all.
    for clause in ["DEFERRABLE INITIALLY IMMEDIATE", "DEFERRABLE INITIALLY DEFERRED", ""] {
        run(
            &database.pool,
            r#"ALTER TABLE "Key" DROP CONSTRAINT "Key_user_id_fkey"; DELETE FROM "Key"; DELETE FROM "User""#,
        )
        .await;
        if !clause.is_empty() {
            let sql = r#"ALTER TABLE "Key" ADD CONSTRAINT "Key_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "User"("id")"#;
            run(&database.pool, &format!("{sql} {clause}")).await;
        } else {
            run(&database.pool, r#"ALTER TABLE "Key" ADD CONSTRAINT "Key_user_id_fkey" CHECK (true)"#).await;
        }
        database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
        assert_eq!(kind(database.set_user(&user("u2"), Some(&key("p:k", "u2"))).await), Kind::DuplicateKeyId);
        assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (1, 1), "{clause}");
    }
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
    assert_eq!(kind(database.update_user(&"u9".into(), &users).await), Kind::InvalidUserId);
    assert_eq!(kind(database.update_session(&"s9".into(), &sessions).await), Kind::InvalidSessionId);
    assert_eq!(kind(database.update_key(&KeyId::from_stored("p:9"), &keys).await), Kind::InvalidKeyId);
}

#[tokio::test]
async fn s2_attribute_names_are_never_sql() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    for name in ["a\"; DROP TABLE \"User", "username\" = 'x', \"age", "USERNAME", "username ", "", "ctid", "age\0"] {
        let named = || Attributes::from([("username", json!("x")), (name, json!("y"))]);
        for result in [
            database.set_user(&UserSchema::new("u2").with_attributes(named()).unwrap(), None).await,
            database.update_user(&"u1".into(), &UserUpdate::new(named()).unwrap()).await,
            database.set_session(&session("s2", "u1").with_attributes(one(name, "y")).unwrap()).await,
        ] {
            let error = result.unwrap_err();
            assert_eq!((error.kind(), error.attribute()), (Kind::InvalidAttribute, Some(name)));
        }
    }
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Session").await), (1, 0));
}

#[tokio::test]
async fn s2_columns_of_the_database_with_odd_names_are_quoted() {
    let sql = r#"CREATE TABLE "User" ("id" TEXT PRIMARY KEY, "a""; DROP TABLE Key; --" TEXT, "select" INTEGER);
         CREATE TABLE "Session" ("id" TEXT PRIMARY KEY, "user_id" TEXT, "active_expires" BIGINT, "idle_expires" BIGINT);
         CREATE TABLE "Key" ("id" TEXT PRIMARY KEY, "user_id" TEXT, "hashed_password" TEXT)"#;
    let database = Database::from_sql(sql, PrismaConfig::default()).await;
    let attributes = Attributes::from([("a\"; DROP TABLE Key; --", json!("x")), ("select", json!(1))]);
    let odd = UserSchema::new("u1").with_attributes(attributes.clone()).unwrap();
    database.set_user(&odd, Some(&key("p:k", "u1"))).await.unwrap();
    database.update_user(&odd.id, &UserUpdate::new(attributes).unwrap()).await.unwrap();
    assert_eq!(database.get_user(&odd.id).await.unwrap(), Some(odd));
}

#[tokio::test]
async fn s3_s4_s5_a_failed_call_leaves_its_connection_clean() {
    let database = Database::create(config()).await;
    let single = postgres::pool_options().max_connections(1);
    let single = single.connect_with(postgres::connect_options(&at(&database.scratch.schema)).unwrap()).await.unwrap();
    let adapter = PrismaAdapter::with_config(single.clone(), config()).await.unwrap();
    adapter.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    for _ in 0..20 {
        assert_eq!(kind(adapter.set_user(&user("u2"), Some(&key("p:k", "u2"))).await), Kind::DuplicateKeyId);
    }
    adapter.set_user(&user("u3"), Some(&key("p:k3", "u3"))).await.unwrap();
    assert_eq!(count(&database.pool, "User").await, 2);
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
async fn s9_unknown_users_are_refused_without_foreign_keys_too() {
    let database = Database::create(config()).await;
    let sql = r#"ALTER TABLE "Session" DROP CONSTRAINT "Session_user_id_fkey";
        ALTER TABLE "Key" DROP CONSTRAINT "Key_user_id_fkey""#;
    run(&database.pool, sql).await;
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

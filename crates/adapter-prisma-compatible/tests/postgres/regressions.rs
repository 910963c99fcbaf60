//! The bugs of Lucia's own SQL adapters, by their numbers.

use std::{error::Error as _, time::Duration};

use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, PrismaUserAdapter, Table, postgres};
use lucia_core::{
    Adapter, AdapterErrorKind as Kind, Attributes, HashedPassword, KeyId, KeyUpdate, SessionAdapter, SessionUpdate,
    SplitAdapter, UnixMillis, UserAdapter, UserSchema, UserUpdate, memory::MemoryAdapter,
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
async fn p8_an_outage_is_unavailable_and_never_an_absence() {
    let scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    let small = postgres::pool_options().max_connections(1).acquire_timeout(Duration::from_millis(200));
    let small = small.connect_with(postgres::connect_options(&at(&scratch.schema)).unwrap()).await.unwrap();
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

/// The server ends a connection that the pool still has.
#[tokio::test]
async fn p8_a_read_on_a_connection_that_is_gone_is_done_on_another() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();
    let name = format!("gone {}", database.scratch.schema);
    let url = format!("{}&application_name={}", at(&database.scratch.schema), name.replace(' ', "%20"));
    let pool = postgres::pool_options().min_connections(3).max_connections(3);
    let pool = pool.connect_with(postgres::connect_options(&url).unwrap()).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool.clone(), config()).await.unwrap();
    let held = [pool.acquire().await.unwrap(), pool.acquire().await.unwrap(), pool.acquire().await.unwrap()];
    drop(held);
    let ended =
        format!("SELECT pg_terminate_backend(pid, 5000)::text FROM pg_stat_activity WHERE application_name = '{name}'");
    assert_eq!(crate::support::rows(&database.pool, &ended).await.len(), 3);
    assert!(adapter.get_session_and_user(&"s1".into()).await.unwrap().is_some());
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
async fn s3_a_call_that_is_dropped_half_way_leaves_nothing_half_done() {
    let database = Database::create(config()).await;
    for index in 0..50_u32 {
        let id = format!("u{index}");
        let (user, key) = (user(&id), key(&format!("p:{index}"), &id));
        let _ =
            tokio::time::timeout(Duration::from_micros(u64::from(index) * 40), database.set_user(&user, Some(&key)))
                .await;
        let deleted = database.delete_user(&user.id);
        let _ = tokio::time::timeout(Duration::from_micros(u64::from(index % 7) * 100), deleted).await;
    }
    database.set_user(&user("last"), Some(&key("p:last", "last"))).await.unwrap();
    let halves = r#"SELECT count(*)::text FROM "User" FULL JOIN "Key" ON "Key"."user_id" = "User"."id"
        WHERE "Key"."id" IS NULL OR "User"."id" IS NULL"#;
    assert_eq!(crate::support::text(&database.pool, halves).await.as_deref(), Some("0"));
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

/// A message or a detail of Postgres repeats the values, and the whole row of a violated `NOT NULL`.
#[tokio::test]
async fn no_error_tells_an_id_or_a_hash() {
    let database = Database::create(config()).await;
    let secret = "hunter2".repeat(3);
    database.set_user(&user("u1"), None).await.unwrap();
    let own = session(&secret, "u1");
    database.set_session(&own).await.unwrap();
    let hashed = key(&format!("p:{secret}"), "u1").with_hashed_password(HashedPassword::new(secret.as_str()));
    database.set_key(&hashed).await.unwrap();
    run(
        &database.pool,
        r#"ALTER TABLE "Key" ADD CONSTRAINT "short" CHECK (length("hashed_password") < 30);
           CREATE UNIQUE INDEX ON "Key" ("hashed_password"); ALTER TABLE "Session" ADD CHECK ("idle_expires" < 9000)"#,
    )
    .await;
    let long = hashed.clone().with_hashed_password(HashedPassword::new(secret.repeat(3)));
    let long = KeyUpdate { hashed_password: Some(long.hashed_password), ..KeyUpdate::default() };
    for error in [
        database.set_session(&own).await.unwrap_err(),
        database.set_key(&hashed).await.unwrap_err(),
        database.update_key(&hashed.id, &long).await.unwrap_err(),
        database.update_session(&own.id, &renewal(1, 10_000, None)).await.unwrap_err(),
        database.set_session(&session(&format!("{secret}\0"), "u1")).await.unwrap_err(),
    ] {
        let mut texts = format!("{error} {error:?}");
        let mut source = error.source();
        while let Some(cause) = source {
            texts.push_str(&format!(" {cause} {cause:?}"));
            source = cause.source();
        }
        assert!(!texts.contains("hunter2"), "{texts}");
    }
    let error = database.set_session(&own).await.unwrap_err();
    let driver = error.downcast_ref::<sqlx::Error>().unwrap().as_database_error().unwrap();
    assert!(driver.is_unique_violation());
    assert_eq!((driver.code().as_deref(), driver.constraint()), (Some("23505"), Some("Session_pkey")));
    assert_eq!(driver.table(), Some("Session"));
}

#[tokio::test]
async fn ids_of_any_characters_are_kept_apart_or_refused() {
    let database = Database::create(PrismaConfig::default()).await;
    let ids = ["", " ", "a", "A", "a ", "%", "_", "*", "'", "\"", "\\", "é", "e\u{301}", "😀", "1", "01", "1.0", "$1"];
    for id in ids {
        database.set_user(&UserSchema::new(id), Some(&key(&format!("p:{id}"), id))).await.unwrap();
        database.set_session(&session(id, id)).await.unwrap();
    }
    for id in ids {
        let (session, user) = database.get_session_and_user(&id.into()).await.unwrap().unwrap();
        assert_eq!((session.id.as_str(), user.id.as_str()), (id, id));
        assert_eq!(database.get_keys_by_user_id(&id.into()).await.unwrap().len(), 1);
    }
    // Postgres has no way to write a NUL.
    for id in ["a\0", "\0", "a\0b"] {
        assert_eq!(database.get_user(&id.into()).await.unwrap(), None);
        assert_eq!(database.get_session_and_user(&id.into()).await.unwrap(), None);
        assert_eq!(database.get_sessions_by_user_id(&id.into()).await.unwrap(), []);
        assert_eq!(database.get_key(&KeyId::from_stored(id)).await.unwrap(), None);
        assert_eq!(kind(database.set_user(&UserSchema::new(id), None).await), Kind::UnsupportedId);
        assert_eq!(kind(database.set_session(&session(id, "a")).await), Kind::UnsupportedId);
        assert_eq!(kind(database.set_session(&session("s", id)).await), Kind::InvalidUserId);
        assert_eq!(kind(database.set_key(&key(id, "a")).await), Kind::UnsupportedId);
        assert_eq!(kind(database.update_session(&id.into(), &renewal(1, 1, None)).await), Kind::InvalidSessionId);
        database.delete_user(&id.into()).await.unwrap();
        database.delete_session(&id.into()).await.unwrap();
    }
    database.delete_other_sessions(&"a".into(), &"\0".into()).await.unwrap();
    assert_eq!(count(&database.pool, "Session").await, i64::try_from(ids.len()).unwrap() - 1);
}

#[tokio::test]
async fn expired_sessions_that_others_have_locked_hold_up_no_purge() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    for index in 0..5 {
        database.set_session(&session(&format!("s{index}"), "u1")).await.unwrap();
    }
    let mut other = database.pool.begin().await.unwrap();
    sqlx::query(r#"SELECT 1 FROM "Session" WHERE "id" = 's2' FOR UPDATE"#).execute(&mut *other).await.unwrap();
    let purge = database.delete_expired_sessions(UnixMillis::new(3_000), 10);
    assert_eq!(tokio::time::timeout(Duration::from_secs(5), purge).await.unwrap().unwrap(), 4);
    other.rollback().await.unwrap();
    assert_eq!(database.delete_expired_sessions(UnixMillis::new(3_000), 10).await.unwrap(), 1);
}

/// A migration while the application runs: prepared statements go on, as long as a column is only made wider.
#[tokio::test]
async fn a_column_that_is_made_wider_disturbs_nobody() {
    let sql = r#"
        CREATE TABLE "User" ("id" VARCHAR(15) PRIMARY KEY, "age" SMALLINT, "name" VARCHAR(10));
        CREATE TABLE "Session" ("id" VARCHAR(40) PRIMARY KEY, "user_id" VARCHAR(15) NOT NULL REFERENCES "User" ("id"),
            "active_expires" BIGINT NOT NULL, "idle_expires" BIGINT NOT NULL);
        CREATE TABLE "Key" ("id" VARCHAR(255) PRIMARY KEY, "hashed_password" VARCHAR(255), "user_id" VARCHAR(15) NOT NULL)"#;
    let database = Database::from_sql(sql, PrismaConfig::default()).await;
    let attributes = Attributes::from([("age", json!(36)), ("name", json!("Ada"))]);
    let ada = UserSchema::new("u1").with_attributes(attributes).unwrap();
    for (index, migration) in [
        "",
        r#"ALTER TABLE "User" ALTER "age" TYPE INTEGER"#,
        r#"ALTER TABLE "User" ALTER "age" TYPE BIGINT, ALTER "name" TYPE TEXT, ALTER "id" TYPE VARCHAR(255)"#,
        r#"ALTER TABLE "User" ALTER "id" TYPE TEXT; ALTER TABLE "Session" ALTER "user_id" TYPE TEXT, ALTER "id" TYPE TEXT"#,
        r#"ALTER TABLE "User" ADD COLUMN "later" TEXT; ALTER TABLE "Key" ALTER "hashed_password" TYPE TEXT"#,
    ]
    .into_iter()
    .enumerate()
    {
        run(&database.pool, migration).await;
        let id = format!("s{index}");
        if index == 0 {
            database.set_user(&ada, Some(&key("p:k", "u1"))).await.unwrap();
        }
        assert_eq!(database.set_session_and_get_user(&session(&id, "u1")).await.unwrap(), ada);
        database.update_session(&id.as_str().into(), &renewal(1, 2, Some(2_000))).await.unwrap();
        let (_, user) = database.get_session_and_user(&id.as_str().into()).await.unwrap().unwrap();
        assert_eq!(user, ada);
        assert_eq!(database.get_keys_by_user_id(&"u1".into()).await.unwrap().len(), 1);
        database.update_user(&"u1".into(), &UserUpdate::new(ada.attributes().clone()).unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn a_session_and_its_user_are_one_step_that_fails_as_a_whole() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    let found = database.set_session_and_get_user(&session("s1", "u1")).await.unwrap();
    assert_eq!(found.attributes().get("username"), Some(&json!("name of u1")));
    assert_eq!(kind(database.set_session_and_get_user(&session("s1", "u1")).await), Kind::DuplicateSessionId);
    assert_eq!(kind(database.set_session_and_get_user(&session("s2", "u9")).await), Kind::InvalidUserId);
    assert_eq!(kind(database.set_session_and_get_user(&session("s2", "u\0")).await), Kind::InvalidUserId);
    assert_eq!(kind(database.set_session_and_get_user(&session("\0", "u1")).await), Kind::UnsupportedId);
    assert_eq!(count(&database.pool, "Session").await, 1);
}

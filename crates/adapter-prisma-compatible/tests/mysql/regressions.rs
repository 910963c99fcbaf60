//! The bugs of Lucia's own SQL adapters, by their numbers.

use std::{error::Error as _, time::Duration};

use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, PrismaUserAdapter, Table, mysql};
use lucia_core::{
    Adapter, AdapterErrorKind as Kind, Attributes, HashedPassword, KeyId, KeyUpdate, SessionAdapter, SessionUpdate,
    SplitAdapter, UserAdapter, UserSchema, UserUpdate, memory::MemoryAdapter,
};
use serde_json::json;

use crate::{
    server::{Scratch, administer, options},
    support::{Database, config, count, key, kind, one, renewal, rows, run, session, text, user},
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
        "ALTER TABLE `Key` RENAME INDEX `Key_id_key` TO `Key.id_unique`;
         ALTER TABLE `User` RENAME INDEX `User_username_key` TO `app.Key.PRIMARY`",
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
    run(&database.pool, "ALTER TABLE `Session` DROP FOREIGN KEY `Session_user_id_fkey`; DELETE FROM `User`").await;
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
async fn p8_an_outage_is_unavailable_and_never_an_absence() {
    let scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    let small = mysql::pool_options().max_connections(1).acquire_timeout(Duration::from_millis(200));
    let small = small.connect_with(options().database(&scratch.name)).await.unwrap();
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
async fn s3_s4_s5_a_failed_call_leaves_its_connection_clean() {
    let database = Database::create(config()).await;
    let single = mysql::pool_options().max_connections(1);
    let single = single.connect_with(options().database(&database.scratch.name)).await.unwrap();
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
    let halves = "SELECT CAST((SELECT COUNT(*) FROM `User` LEFT JOIN `Key` ON `Key`.`user_id` = `User`.`id` WHERE `Key`.`id` IS NULL)
        + (SELECT COUNT(*) FROM `Key` LEFT JOIN `User` ON `Key`.`user_id` = `User`.`id` WHERE `User`.`id` IS NULL) AS CHAR)";
    assert_eq!(text(&database.pool, halves).await.as_deref(), Some("0"));
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
    let sql = "ALTER TABLE `Session` DROP FOREIGN KEY `Session_user_id_fkey`;
        ALTER TABLE `Key` DROP FOREIGN KEY `Key_user_id_fkey`";
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

/// Messages in another language, where the server has one: MariaDB and MySQL both bring theirs along.
#[tokio::test]
async fn p2_the_language_of_the_server_decides_nothing() {
    let database = Database::create(config()).await;
    let german = mysql::pool_options().after_connect(|connection, _| {
        Box::pin(async move {
            let sql =
                "SET SESSION lc_messages = 'de_DE', sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_TRANS_TABLES')";
            sqlx::raw_sql(sql).execute(connection).await.map(drop)
        })
    });
    let german = german.connect_with(options().database(&database.scratch.name)).await.unwrap();
    let adapter = PrismaAdapter::with_config(german, config()).await.unwrap();
    adapter.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    assert_eq!(kind(adapter.set_user(&user("u1"), None).await), Kind::DuplicateUserId);
    assert_eq!(kind(adapter.set_user(&user("u2"), Some(&key("p:k", "u2"))).await), Kind::DuplicateKeyId);
    let same_name = UserSchema::new("u2").with_attributes(one("username", "name of u1")).unwrap();
    let error = adapter.set_user(&same_name, None).await.unwrap_err();
    assert_eq!((error.kind(), error.attribute()), (Kind::DuplicateAttribute, Some("username")));
}

/// The value that is taken stands in the message before the name of the index, and may look like one.
#[tokio::test]
async fn p2_no_value_passes_for_the_name_of_an_index() {
    let database = Database::create(config()).await;
    for name in ["PRIMARY", "' for key 'PRIMARY", "' for key 'User.PRIMARY'", "x' for key 'PRIMARY'", "`PRIMARY`", "."]
    {
        let of = |id: &str| UserSchema::new(id).with_attributes(one("username", name)).unwrap();
        database.set_user(&of(&format!("first {name}")), None).await.unwrap();
        let error = database.set_user(&of(&format!("second {name}")), None).await.unwrap_err();
        assert_eq!((error.kind(), error.attribute()), (Kind::DuplicateAttribute, Some("username")), "{name}");
        let taken =
            UserSchema::new(format!("first {name}")).with_attributes(one("username", "User_username_key")).unwrap();
        assert_eq!(kind(database.set_user(&taken, None).await), Kind::DuplicateUserId, "{name}");
    }
}

#[tokio::test]
async fn p3_a_foreign_key_of_the_applications_own_is_not_an_unknown_user() {
    let sql = "
        CREATE TABLE Org (id VARCHAR(191) PRIMARY KEY);
        INSERT INTO Org VALUES ('o'), ('u1');
        CREATE TABLE User (id VARCHAR(191) PRIMARY KEY, org VARCHAR(191), FOREIGN KEY (org) REFERENCES Org (id));
        CREATE TABLE Session (id VARCHAR(191) PRIMARY KEY, user_id VARCHAR(191) NOT NULL, active_expires BIGINT NOT NULL,
            idle_expires BIGINT NOT NULL, org VARCHAR(191), FOREIGN KEY (org) REFERENCES Org (id),
            FOREIGN KEY (user_id) REFERENCES User (id), CONSTRAINT `tenant of session` FOREIGN KEY (user_id) REFERENCES Org (id));
        CREATE TABLE `Key` (id VARCHAR(191) PRIMARY KEY, hashed_password VARCHAR(191), user_id VARCHAR(191) NOT NULL,
            FOREIGN KEY (user_id) REFERENCES User (id), CONSTRAINT `tenant` FOREIGN KEY (user_id) REFERENCES Org (id))";
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
async fn p8_user_and_key_are_one_step_in_that_order() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    assert_eq!(kind(database.set_user(&user("u2"), Some(&key("p:k", "u2"))).await), Kind::DuplicateKeyId);
    assert_eq!(kind(database.set_user(&user("u2"), Some(&key("p:k2", "u1"))).await), Kind::InvalidUserId);
    assert_eq!(kind(database.set_user(&user("u2"), Some(&key("p:k2", "u9"))).await), Kind::InvalidUserId);
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (1, 1));
}

/// The server ends connections that the pool still has.
#[tokio::test]
async fn p8_a_read_on_a_connection_that_is_gone_is_done_on_another() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();
    let pool = mysql::pool_options().min_connections(3).max_connections(3);
    let pool = pool.connect_with(options().database(&database.scratch.name)).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool.clone(), config()).await.unwrap();
    let mut held = [pool.acquire().await.unwrap(), pool.acquire().await.unwrap(), pool.acquire().await.unwrap()];
    for connection in &mut held {
        let id: u64 = sqlx::query_scalar("SELECT CONNECTION_ID()").fetch_one(&mut **connection).await.unwrap();
        administer(&format!("KILL CONNECTION {id}")).await;
    }
    // None is asked whether it is alive when it comes back, as it would be if it had come back before.
    let held = held.map(|connection| connection.detach());
    drop(held);
    assert!(adapter.get_session_and_user(&"s1".into()).await.unwrap().is_some());
}

#[tokio::test]
async fn s2_columns_of_the_database_with_odd_names_are_quoted() {
    let sql = "CREATE TABLE `User` (`id` VARCHAR(191) PRIMARY KEY, `a``; DROP TABLE Key; --` TEXT, `select` INTEGER);
         CREATE TABLE `Session` (`id` VARCHAR(191) PRIMARY KEY, `user_id` VARCHAR(191), `active_expires` BIGINT,
             `idle_expires` BIGINT);
         CREATE TABLE `Key` (`id` VARCHAR(191) PRIMARY KEY, `user_id` VARCHAR(191), `hashed_password` VARCHAR(191))";
    let database = Database::from_sql(sql, PrismaConfig::default()).await;
    let attributes = Attributes::from([("a`; DROP TABLE Key; --", json!("x")), ("select", json!(1))]);
    let odd = UserSchema::new("u1").with_attributes(attributes.clone()).unwrap();
    database.set_user(&odd, Some(&key("p:k", "u1"))).await.unwrap();
    database.update_user(&odd.id, &UserUpdate::new(attributes).unwrap()).await.unwrap();
    assert_eq!(database.get_user(&odd.id).await.unwrap(), Some(odd));
}

/// The server's messages repeat the values.
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
        "ALTER TABLE `Key` ADD CONSTRAINT `short` CHECK (CHAR_LENGTH(`hashed_password`) < 30);
         ALTER TABLE `Session` ADD CHECK (`idle_expires` < 9000), MODIFY `country` VARCHAR(191) CHARACTER SET latin1",
    )
    .await;
    let long = KeyUpdate { hashed_password: Some(Some(HashedPassword::new(secret.repeat(3)))), ..KeyUpdate::default() };
    let abroad = SessionUpdate::default().with_attributes(one("country", format!("{secret} 日本"))).unwrap();
    for error in [
        database.set_session(&own).await.unwrap_err(),
        database.set_key(&hashed).await.unwrap_err(),
        database.update_key(&hashed.id, &long).await.unwrap_err(),
        database.update_session(&own.id, &renewal(1, 10_000, None)).await.unwrap_err(),
        database.update_session(&own.id, &abroad).await.unwrap_err(),
        database.set_session(&session(&secret.repeat(20), "u1")).await.unwrap_err(),
    ] {
        let mut texts = format!("{error} {error:?}");
        let mut source = error.source();
        while let Some(cause) = source {
            texts.push_str(&format!(" {cause} {cause:?}"));
            source = cause.source();
        }
        assert!(!texts.contains("hunter2"), "{texts}");
    }
    assert_eq!(kind(database.update_session(&own.id, &abroad).await), Kind::InvalidAttribute);
    let error = database.set_session(&own).await.unwrap_err();
    let driver = error.downcast_ref::<sqlx::Error>().unwrap().as_database_error().unwrap();
    assert!(driver.is_unique_violation());
    assert_eq!(driver.code().as_deref(), Some("23000"));
    assert_eq!(rows(&database.pool, "SELECT `id` FROM `Session`").await.len(), 1);
}

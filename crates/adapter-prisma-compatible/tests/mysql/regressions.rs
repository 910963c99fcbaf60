//! Regression tests for bugs of the SQL adapters of Lucia JS, by their numbers, as far as MySQL differs.

use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, Refusal, mysql};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, SessionUpdate, UserAdapter, UserSchema};

use crate::{
    migrated::{
        a_migration_fails_no_call,
        mysql::{MIGRATIONS, TABLES},
    },
    support::{Database, config, key, kind, one, rows, run, session, texts, user},
};

/// Uses messages in another language, which both MariaDB and MySQL include.
#[tokio::test]
async fn p2_errors_are_classified_in_any_language() {
    let database = Database::create(config()).await;
    let german = mysql::pool_options().after_connect(|connection, _| {
        Box::pin(async move {
            let sql =
                "SET SESSION lc_messages = 'de_DE', sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_TRANS_TABLES')";
            sqlx::raw_sql(sql).execute(connection).await.map(drop)
        })
    });
    let german = german.connect_with(database.scratch.options()).await.unwrap();
    let adapter = PrismaAdapter::with_config(german, config()).await.unwrap();
    adapter.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    assert_eq!(kind(adapter.set_user(&user("u1"), None).await), Kind::DuplicateUserId);
    assert_eq!(kind(adapter.set_user(&user("u2"), Some(&key("p:k", "u2"))).await), Kind::DuplicateKeyId);
    let same_name = UserSchema::new("u2").with_attributes(one("username", "name of u1")).unwrap();
    let error = adapter.set_user(&same_name, None).await.unwrap_err();
    assert_eq!((error.kind(), error.attribute()), (Kind::DuplicateAttribute, Some("username")));
}

/// The server quotes values like columns in an error of a trigger.
#[tokio::test]
async fn a_value_is_not_mistaken_for_the_name_of_a_column() {
    let database = Database::create(config()).await;
    let count = "CREATE TABLE `audit` (`n` BIGINT NOT NULL);
        CREATE TRIGGER `count` AFTER INSERT ON `Session` FOR EACH ROW INSERT INTO `audit` VALUES (NEW.`id` + 0)";
    run(&database.pool, count).await;
    database.set_user(&user("u1"), None).await.unwrap();
    let error = database.set_session(&session("hunter2", "u1")).await.unwrap_err();
    assert!(error.downcast_ref::<Refusal>().is_some(), "{}", texts(&error));
    assert!(!texts(&error).contains("hunter2"), "{}", texts(&error));
}

/// The duplicate value precedes the name of the index in the message, and may look like one.
#[tokio::test]
async fn p2_a_value_is_not_mistaken_for_the_name_of_an_index() {
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

/// The messages of the server contain the values.
#[tokio::test]
async fn errors_do_not_contain_rejected_values() {
    let database = Database::create(config()).await;
    let secret = "hunter2".repeat(3);
    database.set_user(&user("u1"), None).await.unwrap();
    let own = session(&secret, "u1");
    database.set_session(&own).await.unwrap();
    run(&database.pool, "ALTER TABLE `Session` MODIFY `country` VARCHAR(191) CHARACTER SET latin1").await;
    let abroad = SessionUpdate::default().with_attributes(one("country", format!("{secret} 日本"))).unwrap();
    for error in [
        database.update_session(&own.id, &abroad).await.unwrap_err(),
        database.set_session(&session(&secret.repeat(20), "u1")).await.unwrap_err(),
    ] {
        assert!(!texts(&error).contains("hunter2"), "{}", texts(&error));
    }
    assert_eq!(kind(database.update_session(&own.id, &abroad).await), Kind::InvalidAttribute);
    let error = database.set_session(&own).await.unwrap_err();
    let driver = error.downcast_ref::<sqlx::Error>().unwrap().as_database_error().unwrap();
    assert_eq!(driver.code().as_deref(), Some("23000"));
    assert_eq!(rows(&database.pool, "SELECT `id` FROM `Session`").await.len(), 1);
}

#[tokio::test]
async fn a_changed_column_type_fails_no_call() {
    let database = Database::from_sql(TABLES, PrismaConfig::default()).await;
    let migrate = async |sql: &'static str| run(&database.pool, sql).await;
    a_migration_fails_no_call(&database, migrate, &MIGRATIONS).await;
}

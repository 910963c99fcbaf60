//! Tests of the construction of adapters, of the creation of tables, and of their errors.

use std::time::Duration;

use adapter_prisma_compatible::{
    Attribute, AttributeType, Mismatch, PrismaAdapter, PrismaConfig, SetupError, Table, mysql,
};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter, UserAdapter, UserSchema};

use crate::{
    server::{Scratch, administer, options},
    shared::setup::{assert_lists_rejected, mismatches},
    support::{Pool, config, count, key, kind, rows, run, session, text, user},
};

/// Returns the definitions of all tables.
pub(crate) async fn made(pool: &Pool) -> Vec<String> {
    let tables =
        "SELECT CAST(TABLE_NAME AS CHAR) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1";
    let mut made = Vec::new();
    for table in rows(pool, tables).await.iter().map(|row| row[0].as_deref().unwrap()) {
        let show = rows(pool, &format!("SHOW CREATE TABLE `{table}`")).await;
        made.push(show[0][1].clone().unwrap());
    }
    made
}

#[tokio::test]
async fn one_error_names_every_mismatch() {
    let scratch = Scratch::create().await;
    run(
        &scratch.pool,
        "CREATE TABLE `User` (`id` VARBINARY(15) PRIMARY KEY, `age` TEXT, `shape` GEOMETRY NOT NULL, `tags` SET('a') NOT NULL, `bits` BIT(8) NOT NULL);
         CREATE TABLE `Session` (`id` VARCHAR(191), `active_expires` DATETIME(3) NOT NULL, `idle_expires` BIGINT NOT NULL);
         CREATE VIEW `Key` AS SELECT 'x' AS `id`",
    )
    .await;
    let users = Table::named("User")
        .attribute("age", Attribute::new(AttributeType::Int))
        .attribute("mail", Attribute::string());
    let found = mismatches(&scratch, PrismaConfig::default().user(users)).await;
    let unknown = " and required, but attributes do not support this type: give it a default, allow null, or name it with \
                   `Table::filled_by_trigger` if a trigger sets it";
    let texts: Vec<_> = found.iter().map(|mismatch| mismatch.to_string().replace(unknown, "{UNKNOWN}")).collect();
    assert_eq!(
        texts,
        [
            "column `id` of table `User` is varbinary(15) (needed: VARCHAR(191))",
            "column `age` of table `User` is text (needed: INTEGER)",
            "table `User` has no column `mail` (needed: VARCHAR(191)): create it, or name the existing column with \
             `Attribute::map`",
            "column `shape` of table `User` is geometry{UNKNOWN}",
            "column `tags` of table `User` is set('a'){UNKNOWN}",
            "column `bits` of table `User` is bit(8){UNKNOWN}",
            "column `id` of table `Session` is neither the primary key nor unique: make it the primary key",
            "table `Session` has no column `user_id` for the field `user_id` (needed: VARCHAR(191)): create it, or name the \
             existing column with `Table::column(\"user_id\", ..)`",
            "column `active_expires` of table `Session` is datetime(3) (needed: BIGINT)",
            "`Key` is a view (needed: a table with support for transactions)",
        ]
    );
}

/// Each of these columns would reject values that Lucia writes.
#[tokio::test]
async fn unsuitable_columns_are_rejected() {
    let scratch = Scratch::create().await;
    run(
        &scratch.pool,
        "CREATE TABLE `User` (`id` ENUM('a', 'b') PRIMARY KEY);
         CREATE TABLE `Session` (`id` VARCHAR(15) PRIMARY KEY, `user_id` VARCHAR(191) NOT NULL,
             `active_expires` BIGINT NOT NULL, `idle_expires` BIGINT NOT NULL);
         CREATE TABLE `Key` (`id` YEAR PRIMARY KEY, `user_id` VARCHAR(191) NOT NULL, `hashed_password` VARCHAR(60) NOT NULL)",
    )
    .await;
    let found = mismatches(&scratch, PrismaConfig::default()).await;
    // MySQL does not show the width of a year.
    let texts: Vec<_> = found.iter().map(|mismatch| mismatch.to_string().replace("year(4)", "year")).collect();
    assert_eq!(
        texts,
        [
            "column `id` of table `User` is enum('a','b') (needed: VARCHAR(191))",
            "column `id` of table `Session` is varchar(15) (needed: VARCHAR(191), with at least 64 characters)",
            "column `id` of table `Key` is year (needed: VARCHAR(191))",
            "column `hashed_password` of table `Key` is varchar(60) (needed: at least 97 characters, or another \
             `password_hash_length` in the configuration)",
            "column `hashed_password` of table `Key` is NOT NULL, so keys without a password could not be stored: allow \
             null, or set `password_keys_only` in the configuration if every key has a password",
        ]
    );
}

/// While MariaDB rebuilds a table, its catalog does not always list it.
#[tokio::test]
async fn tables_that_are_being_rebuilt_are_found() {
    let scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    let rebuilding = ["Key", "Session"].map(|table| {
        let pool = scratch.pool.clone();
        tokio::spawn(async move {
            loop {
                run(&pool, &format!("ALTER TABLE `{table}` FORCE, ALGORITHM = COPY")).await;
            }
        })
    });
    for _ in 0..100 {
        config().create_tables(&scratch.pool).await.unwrap();
        PrismaAdapter::with_config(scratch.pool.clone(), config()).await.unwrap();
    }
    for task in rebuilding {
        task.abort();
        let _ = task.await;
    }
}

#[tokio::test]
async fn tables_without_transactions_are_rejected() {
    let scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    run(
        &scratch.pool,
        "ALTER TABLE `Key` DROP FOREIGN KEY `Key_user_id_fkey`; ALTER TABLE `Key` ENGINE = MyISAM, ROW_FORMAT = DYNAMIC",
    )
    .await;
    let found = mismatches(&scratch, config()).await;
    let expected = "`Key` is a table of the engine MyISAM, which has no transactions (needed: a table with support for transactions)";
    assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
}

#[tokio::test]
async fn the_error_for_a_read_only_user_names_the_missing_privileges() {
    let scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    let (name, reader) = (&scratch.name, format!("r{}", &scratch.name[scratch.name.len() - 20..]));
    administer(&format!(
        "CREATE USER '{reader}'@'%' IDENTIFIED BY 'reader'; GRANT SELECT ON {name}.* TO '{reader}'@'%';
         GRANT INSERT, UPDATE, DELETE ON {name}.`User` TO '{reader}'@'%'; GRANT INSERT, UPDATE ON {name}.`Key` TO '{reader}'@'%'"
    ))
    .await;
    let pool = mysql::pool_options().connect_with(options().username(&reader).password("reader").database(name)).await;
    let pool = pool.unwrap();
    let Err(SetupError::Mismatch(found)) = PrismaAdapter::with_config(pool.clone(), config()).await else {
        panic!("a reader is not a writer");
    };
    let denied = |table: &str, denied: &str| Mismatch::NotAllowed { table: table.into(), denied: denied.into() };
    assert_eq!(found, [denied("Session", "INSERT, UPDATE, DELETE"), denied("Key", "DELETE")]);
    pool.close().await;
    administer(&format!("DROP USER '{reader}'@'%'")).await;
}

/// Such connections would silently truncate values or replace characters.
#[tokio::test]
async fn connections_that_would_truncate_values_are_rejected() {
    let scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    for (sql, setting, found) in [
        ("SET SESSION sql_mode = ''", "sql_mode", ""),
        ("SET SESSION sql_mode = 'ANSI_QUOTES'", "sql_mode", "ANSI_QUOTES"),
        ("SET SESSION autocommit = 0", "autocommit", "0"),
        ("SET NAMES latin1", "character_set_client", "latin1"),
    ] {
        let pool = sqlx::mysql::MySqlPoolOptions::new().after_connect(move |connection, _| {
            Box::pin(async move { sqlx::raw_sql(sql).execute(connection).await.map(drop) })
        });
        let pool = pool.connect_with(scratch.options()).await.unwrap();
        let Err(SetupError::Mismatch(mismatches)) = PrismaAdapter::with_config(pool, config()).await else {
            panic!("{sql}");
        };
        let Some(Mismatch::WrongSetting { setting: name, found: value, .. }) = mismatches.first() else {
            panic!("{mismatches:?}");
        };
        assert_eq!((*name, value.as_str()), (setting, found));
    }
    let Err(SetupError::Mismatch(mismatches)) =
        PrismaAdapter::with_config(mysql::pool_options().connect_with(without_database()).await.unwrap(), config())
            .await
    else {
        panic!("expected an error");
    };
    assert!(matches!(mismatches[0], Mismatch::WrongSetting { setting: "database", .. }), "{mismatches:?}");
}

/// Returns the options without a database, which cannot be removed from those of a URL.
fn without_database() -> sqlx::mysql::MySqlConnectOptions {
    let known = options();
    sqlx::mysql::MySqlConnectOptions::new()
        .host(known.get_host())
        .port(known.get_port())
        .username(known.get_username())
        .password("lucia")
}

/// A server that truncates long values does not affect connections with the options of this crate.
#[tokio::test]
async fn an_id_that_is_too_long_is_rejected_and_not_truncated() {
    let scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    let lax = mysql::pool_options().max_connections(1).connect_with(scratch.options()).await.unwrap();
    let adapter = PrismaAdapter::with_config(lax.clone(), config()).await.unwrap();
    run(&lax, "SET SESSION sql_mode = ''").await;
    let (longest, longer) = ("é".repeat(191), format!("{} ", "é".repeat(191)));
    adapter.set_user(&user("u1"), None).await.unwrap();
    for id in [longest.as_str(), longer.as_str()] {
        assert_eq!(adapter.get_session(&id.into()).await.unwrap(), None);
    }
    adapter.set_session(&session(&longest, "u1")).await.unwrap();
    assert_eq!(kind(adapter.set_session(&session(&longer, "u1")).await), Kind::UnsupportedId);
    assert_eq!(kind(adapter.set_session(&session(&"x".repeat(192), "u1")).await), Kind::UnsupportedId);
    assert_eq!(kind(adapter.set_key(&key(&"k".repeat(192), "u1")).await), Kind::UnsupportedId);
    assert_eq!(kind(adapter.set_user(&UserSchema::new("u".repeat(192)), None).await), Kind::UnsupportedId);
    assert_eq!(adapter.get_session(&longer.as_str().into()).await.unwrap(), None);
    assert_eq!(count(&scratch.pool, "Session").await, 1);
}

#[tokio::test]
async fn created_columns_have_the_types_of_prisma() {
    let role = || Attribute::enumeration(["USER", "it's \\"]).label("SUPER", "super-admin");
    let attribute = |table: Table, (name, kind): (&str, AttributeType)| table.attribute(name, Attribute::new(kind));
    let all = [
        ("int", AttributeType::Int),
        ("big", AttributeType::BigInt),
        ("float", AttributeType::Float),
        ("flag", AttributeType::Boolean),
        ("time", AttributeType::DateTime),
        ("json", AttributeType::Json),
        ("bytes", AttributeType::Bytes),
        ("price", AttributeType::Decimal),
    ];
    let users = all.into_iter().fold(Table::named("User"), attribute);
    let users = users.attribute("role", role()).attribute("role_opt", role().optional());
    let scratch = Scratch::create().await;
    let config = PrismaConfig::default().user(users);
    config.create_tables(&scratch.pool).await.unwrap();
    PrismaAdapter::with_config(scratch.pool.clone(), config).await.unwrap();
    let sql = "SELECT CAST(GROUP_CONCAT(CONCAT(DATA_TYPE, ' ', IS_NULLABLE) ORDER BY ORDINAL_POSITION) AS CHAR)
        FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'User' AND DATA_TYPE <> 'json'
        AND COLUMN_NAME <> 'json'";
    let expected =
        "varchar NO,int NO,bigint NO,double NO,tinyint NO,datetime NO,longblob NO,decimal NO,enum NO,enum YES";
    assert_eq!(text(&scratch.pool, sql).await.as_deref(), Some(expected));
}

#[tokio::test]
async fn a_wrong_password_or_server_is_a_typed_error() {
    let error = mysql::pool_options().connect_with(options().password("hunter2")).await.unwrap_err();
    let number =
        error.as_database_error().map(|error| error.downcast_ref::<sqlx::mysql::MySqlDatabaseError>().number());
    assert_eq!(number, Some(1045), "{error:?}");
    assert!(!format!("{error:?}").contains("hunter2"));

    let lazy = mysql::pool_options().acquire_timeout(Duration::from_millis(300));
    let nowhere = lazy.connect_lazy_with(mysql::connect_options("mysql://u:hunter2@127.0.0.1:1/d").unwrap());
    let Err(error) = PrismaAdapter::new(nowhere).await else { panic!("expected an error") };
    assert!(matches!(error, SetupError::Unavailable { .. }), "{error:?}");
    assert_eq!(error.to_string(), "MySQL at 127.0.0.1:1 is unavailable or did not answer in time");
    // Shown when `main` returns the error.
    let debug = format!("{error:?}");
    assert!(debug.contains("MySQL at 127.0.0.1:1") && !debug.contains("hunter2"), "{debug}");
}

#[tokio::test]
async fn lists_are_rejected_if_the_database_has_none() {
    assert_lists_rejected("MySQL").await;
}

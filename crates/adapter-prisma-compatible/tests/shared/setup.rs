//! The checks of the constructor, its errors, and the created tables.

use adapter_prisma_compatible::{
    Attribute, Mismatch, PrismaAdapter, PrismaConfig, PrismaTokenAdapter, PrismaUserAdapter, Refusal, SetupError, Table,
};
use lucia_core::{AdapterErrorKind as Kind, HashedPassword, KeyUpdate, SessionAdapter, UserAdapter, UserSchema};
use lucia_sql::driver::Pool as _;

use super::events::Events;
use crate::{
    prisma_data::tables,
    setup::made,
    support::{
        Database, GUIDE_TIME, REMOVE_A_PART, Scratch, UNKNOWN_TYPE, config, count, key, kind, run, session, sql,
        table_in, user,
    },
};

const ADVICE: &str = " does not exist: create it, or configure the name of the existing table";

/// Returns the reported mismatches.
pub(crate) async fn mismatches(scratch: &Scratch, config: PrismaConfig) -> Vec<Mismatch> {
    match PrismaAdapter::with_config(scratch.pool.clone(), config).await {
        Err(SetupError::Mismatch(mismatches)) => mismatches,
        other => panic!("{other:?}"),
    }
}

/// Lists are refused by the name of their attribute when tables are made, and when an adapter is made on tables that
/// are there.
#[allow(dead_code, reason = "Postgres has lists")]
pub(crate) async fn assert_lists_rejected(database: &'static str) {
    let scratch = Scratch::create().await;
    let tags = |table: &str| Table::named(table).attribute("tags", Attribute::string().list());
    let config = PrismaConfig::default().user(tags("User")).session(tags("Session"));
    let expected = ["User", "Session"].map(|table| {
        let (table, name) = (table.to_owned(), "tags".to_owned());
        Mismatch::UnsupportedList { table, name, database }
    });
    let Err(SetupError::Mismatch(found)) = config.create_tables(&scratch.pool).await else {
        panic!("tables with lists were made");
    };
    assert_eq!(found, expected);
    assert_eq!(made(&scratch.pool).await, [""; 0]);

    let as_text = |table: &str| Table::named(table).attribute("tags", Attribute::string().optional());
    let text = PrismaConfig::default().user(as_text("User")).session(as_text("Session"));
    text.create_tables(&scratch.pool).await.unwrap();
    assert_eq!(mismatches(&scratch, config).await, expected, "whatever the column is");
    let [mismatch, _] = expected;
    let said =
        format!("attribute `tags` of table `User` is a list, which {database} does not support: declare it as JSON");
    assert_eq!(mismatch.to_string(), said);
}

#[tokio::test]
async fn the_statements_of_a_migration_create_the_same_tables() {
    let (created, migrated) = (Scratch::create().await, Scratch::create().await);
    let config = config().token(Table::named("Token"));
    config.create_tables(&created.pool).await.unwrap();
    let database = migrated.pool.driver().database();
    run(&migrated.pool, &config.create_tables_sql(database).unwrap()).await;
    assert_eq!(made(&migrated.pool).await, made(&created.pool).await);
    PrismaAdapter::with_config(migrated.pool.clone(), config.clone()).await.unwrap();
    PrismaTokenAdapter::with_config(migrated.pool.clone(), config).await.unwrap();
}

#[tokio::test]
async fn the_statements_of_migrations_create_the_same_tables_in_parts() {
    let (created, migrated) = (Scratch::create().await, Scratch::create().await);
    config().create_user_tables(&created.pool).await.unwrap();
    config().create_token_table(&created.pool).await.unwrap();
    let database = migrated.pool.driver().database();
    run(&migrated.pool, &config().create_user_tables_sql(database).unwrap()).await;
    run(&migrated.pool, &config().create_token_table_sql(database).unwrap()).await;
    assert_eq!(made(&migrated.pool).await, made(&created.pool).await);
    PrismaUserAdapter::with_config(migrated.pool.clone(), config()).await.unwrap();
    PrismaTokenAdapter::with_config(migrated.pool.clone(), config()).await.unwrap();
}

#[tokio::test]
async fn p7_missing_tables_are_all_named_at_construction() {
    let scratch = Scratch::create().await;
    let names = ["User", "Session", "Key"].map(|table| table_in(&scratch, table));
    let missing = names.clone().map(|table| Mismatch::MissingTable { table });
    assert_eq!(mismatches(&scratch, PrismaConfig::default()).await, missing);

    let error = PrismaAdapter::new(scratch.pool.clone()).await.unwrap_err();
    let [user, session, key] = names;
    let text = format!(
        "the configuration does not match the database: table `{user}`{ADVICE}; table `{session}`{ADVICE}; table \
         `{key}`{ADVICE}"
    );
    assert_eq!(error.to_string(), text);

    PrismaConfig::default().create_tables(&scratch.pool).await.unwrap();
    let elsewhere = PrismaConfig::default().session(Table::named("sessions"));
    let missing = Mismatch::MissingTable { table: table_in(&scratch, "sessions") };
    assert_eq!(mismatches(&scratch, elsewhere).await, [missing]);
}

#[tokio::test]
async fn created_tables_are_identical_to_those_of_prisma() {
    let test = PrismaConfig::default()
        .user(Table::named("User").attribute("username", Attribute::string().unique()))
        .session(Table::named("Session").attribute("country", Attribute::string()));
    let with_tokens = PrismaConfig::default().token(Table::named("Token"));
    for (schema, config) in [("lucia", PrismaConfig::default()), ("test", test), ("tokens", with_tokens)] {
        let (ours, theirs) = (Scratch::create().await, Scratch::create().await);
        config.create_tables(&ours.pool).await.unwrap();
        run(&theirs.pool, &tables(schema)).await;
        let of_prisma = made(&theirs.pool).await;
        assert!(of_prisma.len() >= 3, "{of_prisma:?}");
        assert_eq!(made(&ours.pool).await, of_prisma, "{schema}");
    }
}

#[tokio::test]
async fn existing_tables_are_not_changed() {
    let scratch = Scratch::create().await;
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let pool = scratch.pool.clone();
            tokio::spawn(async move { config().create_tables(&pool).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let database = Database::on(scratch, config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    let sorted = async || {
        let mut made = made(&database.pool).await;
        made.sort();
        made
    };
    let before = sorted().await;
    run(&database.pool, REMOVE_A_PART).await;
    assert_ne!(sorted().await, before);
    config().create_tables(&database.pool).await.unwrap();
    assert_eq!(sorted().await, before, "what was missing is there again, and the rest as it was");
    assert_eq!(count(&database.pool, "User").await, 1);
}

/// Tables with column names in camel case.
const CAMEL_CASE: &str = r#"
    CREATE TABLE "User" ("id" VARCHAR(191) PRIMARY KEY, "full_name" VARCHAR(191) NOT NULL);
    CREATE TABLE "Session" ("id" VARCHAR(191) PRIMARY KEY, "userId" VARCHAR(191) NOT NULL, "activeExpires" BIGINT NOT NULL,
        "idle_expires" BIGINT NOT NULL);
    CREATE TABLE "Key" ("id" VARCHAR(191) PRIMARY KEY, "hashedPassword" VARCHAR(191), "userId" VARCHAR(191) NOT NULL)"#;

#[tokio::test]
async fn a_column_with_another_spelling_is_reported_as_unmapped() {
    let scratch = Scratch::create().await;
    run(&scratch.pool, &sql(CAMEL_CASE)).await;
    let users = Table::named("User").attribute("fullName", Attribute::string());
    let found = mismatches(&scratch, PrismaConfig::default().user(users)).await;
    let texts: Vec<_> = found.iter().map(ToString::to_string).filter(|text| !text.contains("full_name")).collect();
    let told = |table: &str, field: &str, column: &str| {
        format!(
            "table `{table}` has no column `{field}`, but a column `{column}`: if this is the one, map it with \
             `Table::column(\"{field}\", \"{column}\")`"
        )
    };
    assert_eq!(
        texts,
        [
            told("Session", "user_id", "userId"),
            told("Session", "active_expires", "activeExpires"),
            told("Key", "user_id", "userId"),
            told("Key", "hashed_password", "hashedPassword"),
        ]
    );
    let (table, name) = ("User".to_owned(), "fullName".to_owned());
    assert_eq!(found[0], Mismatch::UnmappedAttribute { table, name, column: "full_name".to_owned() });

    let sessions = Table::named("Session").column("user_id", "userId").column("active_expires", "activeExpires");
    let keys = Table::named("Key").column("user_id", "userId").column("hashed_password", "hashedPassword");
    let users = Table::named("User").attribute("fullName", Attribute::string().map("full_name"));
    let config = PrismaConfig::default().user(users).session(sessions).key(keys);
    PrismaAdapter::with_config(scratch.pool.clone(), config).await.unwrap();
}

/// An unsupported column does not prevent the adapter from being created (prisma/orm#6772).
#[tokio::test]
async fn a_column_that_cannot_be_an_attribute_is_omitted_with_a_warning() {
    let scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    run(&scratch.pool, &sql(&format!(r#"ALTER TABLE "User" ADD COLUMN "shape" {UNKNOWN_TYPE}"#))).await;
    let warnings =
        Events::of(|metadata| metadata.target().starts_with("lucia_sql") && *metadata.level() == tracing::Level::WARN);
    let listening = warnings.of_this_thread();
    let adapter = PrismaAdapter::with_config(scratch.pool.clone(), config()).await.unwrap();
    let warning = warnings.take().join("\n");
    assert!(warning.contains("shape") && warning.contains("Table::without_attribute"), "{warning}");
    adapter.set_user(&user("u1"), None).await.unwrap();
    assert_eq!(adapter.get_user(&"u1".into()).await.unwrap().unwrap().attributes().get("shape"), None);

    let in_silence = |table: Table| {
        let table = table.attribute("username", Attribute::string()).without_attribute("shape");
        PrismaAdapter::with_config(scratch.pool.clone(), PrismaConfig::default().user(table))
    };
    in_silence(Table::named("User")).await.unwrap();
    assert_eq!(warnings.take(), [""; 0]);
    drop(listening);

    let misspelt = in_silence(Table::named("User").without_attribute("shpae")).await.unwrap_err();
    let expected = "table `User` has no column `shpae`, which `Table::without_attribute` names";
    assert!(misspelt.to_string().ends_with(expected), "{misspelt}");
}

#[tokio::test]
async fn an_omitted_column_must_be_filled_by_the_database() {
    let scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    let users = || Table::named("User").without_attribute("age").attribute("username", Attribute::string());
    let adapter = PrismaAdapter::with_config(scratch.pool.clone(), config().user(users())).await.unwrap();
    adapter.set_user(&user("u1"), None).await.unwrap();
    let attributes = adapter.get_user(&"u1".into()).await.unwrap().unwrap();
    assert_eq!(attributes.attributes().iter().map(|(name, _)| name).collect::<Vec<_>>(), ["username"]);

    let unset = Table::named("User").without_attribute("username");
    let (table, column) = ("User".to_owned(), "username".to_owned());
    assert_eq!(mismatches(&scratch, config().user(unset)).await, [Mismatch::NeverSet { table, column }]);
}

/// Keys of Lucia have the form `provider:id`, and some have no password.
#[tokio::test]
async fn every_key_may_require_a_password() {
    let scratch = Scratch::create().await;
    let tables = sql(CAMEL_CASE).replace("userId", "user_id").replace("activeExpires", "active_expires");
    let tables =
        tables.replace("hashedPassword", "hashed_password").replace("VARCHAR(191), ", "VARCHAR(191) NOT NULL, ");
    run(&scratch.pool, &tables).await;
    let (table, column) = ("Key".to_owned(), "hashed_password".to_owned());
    assert_eq!(mismatches(&scratch, PrismaConfig::default()).await, [Mismatch::RequiredPassword { table, column }]);

    let database = Database::on(scratch, PrismaConfig::default().password_keys_only()).await;
    let attributes = crate::support::one("full_name", "Ada");
    database.set_user(&UserSchema::new("u1").with_attributes(attributes).unwrap(), None).await.unwrap();
    let hashed = key("p:k", "u1").with_hashed_password(HashedPassword::new("hash"));
    database.set_key(&hashed).await.unwrap();
    let refused = database.set_key(&key("p:other", "u1")).await.unwrap_err();
    assert_eq!((refused.kind(), refused.attribute()), (Kind::InvalidAttribute, Some("hashed_password")));
    let reason = refused.downcast_ref::<Refusal>().unwrap().to_string();
    assert!(reason.ends_with(": the value must not be null"), "{reason}");
    let cleared = KeyUpdate::default().with_hashed_password(None);
    assert_eq!(kind(database.update_key(&hashed.id, &cleared).await), Kind::InvalidAttribute);
    assert_eq!(database.get_keys_by_user_id(&"u1".into()).await.unwrap(), [hashed]);
}

/// The foreign keys of the guides do not cascade.
#[tokio::test]
async fn the_table_names_of_lucias_guides_work() {
    let tables = "
        CREATE TABLE auth_user (id VARCHAR(15) NOT NULL PRIMARY KEY);
        CREATE TABLE user_key (id VARCHAR(255) NOT NULL PRIMARY KEY, user_id VARCHAR(15) NOT NULL, hashed_password VARCHAR(255),
            FOREIGN KEY (user_id) REFERENCES auth_user(id));
        CREATE TABLE user_session (id VARCHAR(127) NOT NULL PRIMARY KEY, user_id VARCHAR(15) NOT NULL,
            active_expires BIGINT NOT NULL, idle_expires BIGINT NOT NULL, FOREIGN KEY (user_id) REFERENCES auth_user(id))";
    let config = PrismaConfig::default()
        .user(Table::named("auth_user"))
        .session(Table::named("user_session"))
        .key(Table::named("user_key"));
    let database = Database::from_sql(&tables.replace("BIGINT", GUIDE_TIME), config).await;
    database.set_user(&UserSchema::new("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    database.set_session(&session("s1", "u1")).await.unwrap();
    assert_eq!(database.get_session(&"s1".into()).await.unwrap(), Some(session("s1", "u1")));
    database.delete_user(&"u1".into()).await.unwrap();
    for table in ["auth_user", "user_key", "user_session"] {
        assert_eq!(count(&database.pool, table).await, 0);
    }
}

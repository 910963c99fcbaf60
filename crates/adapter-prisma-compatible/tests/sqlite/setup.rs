//! Tests of the construction of adapters, of the creation of tables, and of their errors.

use adapter_prisma_compatible::{
    Attribute, AttributeType, Mismatch, PrismaAdapter, PrismaConfig, PrismaUserAdapter, SetupError, Table,
    sqlx::{Row as _, SqlitePool},
};
use lucia_core::{Adapter as _, AdapterErrorKind as Kind, SessionAdapter, UnixMillis, UserAdapter, UserSchema};

use crate::{
    shared::setup::{assert_lists_rejected, mismatches},
    support::{Database, Scratch, count, kind, renewal, rows, run, session, single},
};

/// Returns the definitions of all tables and indexes.
pub(crate) async fn made(pool: &SqlitePool) -> Vec<String> {
    let made = rows(pool, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").await;
    made.into_iter().map(|row| row[0].clone().unwrap()).collect()
}

#[tokio::test]
async fn tables_and_columns_of_every_type_are_created_under_their_mapped_names() {
    let scratch = Scratch::create().await;
    let pool = scratch.pool.clone();
    let types = [
        ("a", AttributeType::Int, "INTEGER"),
        ("b", AttributeType::BigInt, "BIGINT"),
        ("c", AttributeType::Float, "REAL"),
        ("d", AttributeType::Boolean, "BOOLEAN"),
        ("e", AttributeType::DateTime, "DATETIME"),
        ("f", AttributeType::Json, "JSONB"),
        ("g", AttributeType::Bytes, "BLOB"),
        ("h", AttributeType::Decimal, "DECIMAL"),
    ];
    let users = Table::named("auth_user").attribute("email", Attribute::string().unique().map("email_address"));
    let users =
        types.iter().fold(users, |users, (name, kind, _)| users.attribute(*name, Attribute::new(*kind).optional()));
    let config = PrismaConfig::default().user(users).key(Table::named("auth_key").column("user_id", "uid"));
    config.create_tables(&pool).await.unwrap();

    let columns = rows(&pool, "SELECT name, type, \"notnull\" || '' FROM pragma_table_info('auth_user')").await;
    for (name, _, declared) in types {
        assert!(
            columns.contains(&[name, declared, "0"].map(|text| Some(text.to_owned())).to_vec()),
            "{name}: {columns:?}"
        );
    }
    let made = made(&pool).await;
    for sql in [
        "CREATE UNIQUE INDEX \"auth_user_email_address_key\" ON \"auth_user\"(\"email_address\")",
        "CREATE INDEX \"auth_key_uid_idx\" ON \"auth_key\"(\"uid\")",
    ] {
        assert!(made.iter().any(|statement| statement == sql), "{made:#?}");
    }
    PrismaAdapter::with_config(pool, config).await.unwrap();
}

#[tokio::test]
async fn deleting_expired_sessions_scans_the_table_without_the_expiry_index() {
    const DELETE_EXPIRED: &str = "EXPLAIN QUERY PLAN DELETE FROM Session WHERE id IN \
                         (SELECT id FROM Session WHERE idle_expires < 1 LIMIT 1)";
    let scratch = Scratch::create().await;
    let pool = scratch.pool.clone();
    let config = PrismaConfig::default();
    config.create_tables(&pool).await.unwrap();
    let plan = async || {
        // A connection may plan with its cached schema.
        let connection = single(&scratch).await;
        let connection: &SqlitePool = &connection;
        let steps = sqlx::query(DELETE_EXPIRED).fetch_all(connection).await.unwrap();
        steps.iter().map(|step| step.get::<String, _>("detail")).collect::<Vec<_>>().join("; ")
    };
    assert!(plan().await.contains("SCAN Session"), "{}", plan().await);
    config.create_expiry_index(&pool).await.unwrap();
    assert!(plan().await.contains("INDEX Session_idle_expires_idx (idle_expires<?)"), "{}", plan().await);
    assert!(!plan().await.contains("SCAN Session"), "{}", plan().await);

    let prisma = "CREATE INDEX \"Session_idle_expires_idx\" ON \"Session\"(\"idle_expires\")";
    assert_eq!(made(&pool).await.last().unwrap(), prisma);
}

#[tokio::test]
async fn defaults_of_another_type_are_rejected_before_any_statement() {
    let scratch = Scratch::create().await;
    let pool = scratch.pool.clone();
    let users = Table::named("User")
        .attribute("meta", Attribute::new(AttributeType::Json).default_value("{}"))
        .attribute("age", Attribute::new(AttributeType::Int).default_value("1"))
        .attribute("name", Attribute::string().native_type("TEXT); DROP TABLE x; --"));
    let refused = PrismaConfig::default().user(users).create_tables(&pool).await.unwrap_err();
    let SetupError::Mismatch(mismatches) = refused else { panic!("{refused}") };
    let default = |name: &str| Mismatch::InvalidDefault { table: "User".to_owned(), name: name.to_owned() };
    let name = Mismatch::InvalidType { name: "TEXT); DROP TABLE x; --".to_owned() };
    assert_eq!(mismatches, [default("meta"), default("age"), name]);
    assert_eq!(made(&pool).await, [""; 0]);
}

#[tokio::test]
async fn one_error_names_every_mismatch() {
    let scratch = Scratch::create().await;
    let pool = scratch.pool.clone();
    run(
        &pool,
        "CREATE TABLE User (id TEXT, name GEOMETRY NOT NULL, age TEXT);
         CREATE TABLE S (id TEXT PRIMARY KEY COLLATE NOCASE, user_id INTEGER, active_expires TEXT, country TEXT);
         CREATE VIEW Key AS SELECT id, id AS user_id, id AS hashed_password FROM User;",
    )
    .await;
    let config = PrismaConfig::default()
        .user(
            Table::named("User")
                .attribute("age", Attribute::new(AttributeType::Int))
                .attribute("mail", Attribute::string()),
        )
        .session(Table::named("S"));
    let (user, s) = (|| "User".to_owned(), || "S".to_owned());
    let expected = [
        Mismatch::NotUnique { table: user(), column: "id".into() },
        Mismatch::WrongType { table: user(), column: "age".into(), found: "TEXT".into(), needed: "INTEGER".into() },
        Mismatch::MissingColumn { table: user(), column: "mail".into(), needed: "TEXT".into() },
        Mismatch::UnknownType { table: user(), column: "name".into(), found: "GEOMETRY".into() },
        Mismatch::InexactIds {
            table: s(),
            column: "id".into(),
            found: "the collation NOCASE".into(),
            needed: "COLLATE BINARY",
        },
        Mismatch::WrongType { table: s(), column: "user_id".into(), found: "INTEGER".into(), needed: "TEXT".into() },
        Mismatch::WrongType {
            table: s(),
            column: "active_expires".into(),
            found: "TEXT".into(),
            needed: "BIGINT".into(),
        },
        Mismatch::MissingField {
            table: s(),
            field: "idle_expires".into(),
            column: "idle_expires".into(),
            needed: "BIGINT".into(),
        },
        Mismatch::NotATable { table: "Key".into(), found: "view".into() },
    ];
    assert_eq!(mismatches(&scratch, config).await, expected);
}

#[tokio::test]
async fn s2_hostile_and_contradictory_names_are_rejected_before_any_statement() {
    let scratch = Scratch::create().await;
    let pool = scratch.pool.clone();
    let hostile = "User\"; DROP TABLE \"User";
    let invalid = Mismatch::InvalidName { name: hostile.into() };
    let default = PrismaConfig::default;
    for config in [
        default().user(Table::named(hostile)),
        default().session(Table::named("Session").column("user_id", hostile)),
        default().user(Table::named("User").attribute(hostile, Attribute::string())),
        default().user(Table::named("User").attribute("x", Attribute::string().map(hostile))),
        default().user_relation_key(hostile),
    ] {
        assert_eq!(mismatches(&scratch, config.clone()).await, std::slice::from_ref(&invalid));
        assert!(matches!(config.create_tables(&pool).await, Err(SetupError::Mismatch(_))));
    }
    assert!(made(&pool).await.is_empty());

    let table = || "User".to_owned();
    let twice = Table::named("User").attribute("a", Attribute::string()).attribute("b", Attribute::string().map("a"));
    let contradictory = [
        (Table::named("session"), Mismatch::SameTable { table: "Session".into() }),
        (Table::named("User").column("name", "x"), Mismatch::UnknownField { table: table(), field: "name".into() }),
        (
            Table::named("User").attribute("id", Attribute::string().map("x")),
            Mismatch::ReservedAttribute { table: table(), name: "id".into() },
        ),
        (twice, Mismatch::UsedTwice { table: table(), column: "a".into() }),
    ];
    for (users, mismatch) in contradictory {
        assert_eq!(mismatches(&scratch, default().user(users)).await, [mismatch]);
    }
}

#[tokio::test]
async fn a_column_with_a_reserved_name_must_be_omitted_or_renamed() {
    let scratch = Scratch::create().await;
    let pool = scratch.pool.clone();
    PrismaConfig::default().create_tables(&pool).await.unwrap();
    run(&pool, "CREATE TABLE People (uid TEXT PRIMARY KEY, id INTEGER, name TEXT NOT NULL)").await;
    let people = || Table::named("People").column("id", "uid");
    let config = |table| PrismaConfig::default().user(table);

    let reserved = Mismatch::ReservedAttribute { table: "People".into(), name: "id".into() };
    assert_eq!(mismatches(&scratch, config(people())).await, [reserved]);
    let never_set = Mismatch::NeverSet { table: "People".into(), column: "name".into() };
    assert_eq!(mismatches(&scratch, config(people().only_declared_attributes())).await, [never_set]);

    let renamed = people().attribute("number", Attribute::new(AttributeType::Int).optional().map("id"));
    PrismaAdapter::with_config(pool.clone(), config(renamed)).await.unwrap();
    let declared = people().attribute("name", Attribute::string()).only_declared_attributes();
    PrismaAdapter::with_config(pool, config(declared)).await.unwrap();
}

const KEY_FIELDS: &[&str] = &["id", "hashed_password", "user_id"];

/// Keys have no attributes, so no advice names `Table::attribute`.
#[tokio::test]
async fn advice_for_the_table_of_keys_fits_a_table_without_attributes() {
    let scratch = Scratch::create().await;
    let pool = scratch.pool.clone();
    PrismaConfig::default().create_tables(&pool).await.unwrap();
    run(&pool, "CREATE TABLE app_keys (id TEXT PRIMARY KEY, owner TEXT NOT NULL, hashed_password TEXT)").await;
    let config = |keys| PrismaConfig::default().key(keys);
    let expected = [
        Mismatch::MissingField {
            table: "app_keys".into(),
            field: "user_id".into(),
            column: "user_id".into(),
            needed: "TEXT".into(),
        },
        Mismatch::UnsetColumn { table: "app_keys".into(), column: "owner".into(), fields: KEY_FIELDS },
    ];
    assert_eq!(mismatches(&scratch, config(Table::named("app_keys"))).await, expected);
    let unknown = Table::named("app_keys").column("user_id", "owner").column("expires", "x");
    let unknown = mismatches(&scratch, config(unknown)).await;
    assert_eq!(
        unknown,
        [Mismatch::NotAField { table: "app_keys".into(), field: "expires".into(), fields: KEY_FIELDS }]
    );

    let [missing, never_set] = expected.each_ref().map(ToString::to_string);
    assert!(missing.contains("`Table::column(\"user_id\", ..)`"), "{missing}");
    for advice in [missing, never_set, unknown[0].to_string()] {
        assert!(!advice.contains("Table::attribute"), "{advice}");
    }
    let mapped = Table::named("app_keys").column("user_id", "owner");
    PrismaAdapter::with_config(pool, config(mapped)).await.unwrap();
}

#[tokio::test]
async fn only_declared_attributes_are_read() {
    let scratch = Scratch::fixture("attrs_bs3.db").await;
    let pool = scratch.pool.clone();
    let sessions =
        Table::named("Session").attribute("country", Attribute::string().optional()).only_declared_attributes();
    let adapter = PrismaAdapter::with_config(pool, PrismaConfig::default().session(sessions)).await.unwrap();
    let session = adapter.get_session(&"sessactive00000000000000000000000000000a".into()).await.unwrap().unwrap();
    let names: Vec<_> = session.attributes().iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["country"]);
}

#[tokio::test]
async fn names_of_the_lucia_js_guides_and_of_models_work() {
    let scratch = Scratch::create().await;
    let pool = scratch.pool.clone();
    let config = PrismaConfig::default()
        .user(Table::model("authUser"))
        .session(Table::named("user session"))
        .key(Table::named("user-key").column("hashed_password", "größe$1"));
    config.create_tables(&pool).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool.clone(), config.clone()).await.unwrap();
    adapter.set_user(&UserSchema::new("u1"), None).await.unwrap();
    adapter.set_session(&session("s1", "u1")).await.unwrap();
    assert_eq!(count(&pool, "AuthUser").await, 1);
    assert_eq!(count(&pool, "user session").await, 1);
    assert_eq!(
        format!("{adapter:?}"),
        r#"PrismaAdapter { user: "AuthUser", session: "user session", key: "user-key", .. }"#
    );
    let users = PrismaUserAdapter::with_config(pool, config).await.unwrap();
    assert_eq!(format!("{users:?}"), r#"PrismaUserAdapter { user: "AuthUser", key: "user-key", .. }"#);
}

/// Lucia's Prisma adapter needs the relation field to join. SQL does not.
#[tokio::test]
async fn the_user_relation_key_has_no_effect() {
    let (default, named) = (Scratch::create().await, Scratch::create().await);
    PrismaConfig::default().create_tables(&default.pool).await.unwrap();
    let config = PrismaConfig::default().user_relation_key("a_field_of_no_model");
    config.create_tables(&named.pool).await.unwrap();
    assert_eq!(made(&named.pool).await, made(&default.pool).await);
    let adapter = PrismaAdapter::with_config(named.pool.clone(), config).await.unwrap();
    adapter.set_user(&UserSchema::new("u1"), None).await.unwrap();
    adapter.set_session(&session("s1", "u1")).await.unwrap();
    let joined = adapter.get_session_and_user(&"s1".into()).await.unwrap();
    assert_eq!(joined, Some((session("s1", "u1"), UserSchema::new("u1"))));
}

#[tokio::test]
async fn two_applications_in_one_database_are_separate() {
    let scratch = Scratch::create().await;
    let pool = scratch.pool.clone();
    let mut adapters = Vec::new();
    for [user, session, key] in [["a", "a_s", "a_k"], ["a.a", "a_a", "a-a"]] {
        let config =
            PrismaConfig::default().user(Table::named(user)).session(Table::named(session)).key(Table::named(key));
        config.create_tables(&pool).await.unwrap();
        adapters.push(PrismaAdapter::with_config(pool.clone(), config).await.unwrap());
    }
    let (one, other) = (&adapters[0], &adapters[1]);
    one.set_user(&UserSchema::new("u1"), None).await.unwrap();
    one.set_session(&session("s1", "u1")).await.unwrap();
    assert_eq!(other.get_user(&"u1".into()).await.unwrap(), None);
    other.set_user(&UserSchema::new("u1"), None).await.unwrap();
    other.set_session(&session("s1", "u1")).await.unwrap();
    other.delete_user(&"u1".into()).await.unwrap();
    assert!(one.get_session(&"s1".into()).await.unwrap().is_some());
}

#[tokio::test]
async fn lists_are_rejected_if_the_database_has_none() {
    assert_lists_rejected("SQLite").await;
}

/// Times in a column of Lucia's guide for Drizzle are doubles, because better-sqlite3 binds numbers so.
#[tokio::test]
async fn times_in_blob_columns_of_lucias_drizzle_guide_are_read_and_written() {
    const TABLES: &str = "
        CREATE TABLE user (id text PRIMARY KEY NOT NULL);
        CREATE TABLE user_session (id text PRIMARY KEY NOT NULL, user_id text NOT NULL, active_expires blob NOT NULL,
            idle_expires blob NOT NULL, FOREIGN KEY (user_id) REFERENCES user(id));
        CREATE TABLE user_key (id text PRIMARY KEY NOT NULL, user_id text NOT NULL, hashed_password text,
            FOREIGN KEY (user_id) REFERENCES user(id));
        INSERT INTO user VALUES ('u1');
        INSERT INTO user_session VALUES ('s1', 'u1', 1000.0, 2000.0);
        INSERT INTO user_session VALUES ('corrupt', 'u1', x'31303030', x'32303030')";
    let config = || PrismaConfig::lucia_sql().user(Table::named("user"));
    let database = Database::from_sql(TABLES, config()).await;
    assert_eq!(database.get_session(&"s1".into()).await.unwrap(), Some(session("s1", "u1")));
    assert_eq!(kind(database.get_session(&"corrupt".into()).await), Kind::Decode);
    assert_eq!(database.get_sessions_by_user_id(&"u1".into()).await.unwrap(), [session("s1", "u1")]);

    assert_eq!(kind(database.update_session(&"s1".into(), &renewal(3_000, 4_000, Some(1))).await), Kind::Conflict);
    database.update_session(&"s1".into(), &renewal(3_000, 4_000, Some(2_000))).await.unwrap();
    database.set_session(&session("s2", "u1")).await.unwrap();
    let stored = "SELECT id, typeof(idle_expires), idle_expires || '' FROM user_session WHERE id LIKE 's%' ORDER BY id";
    let integer = |id: &str, time: &str| [id, "integer", time].map(|text| Some(text.to_owned())).to_vec();
    assert_eq!(rows(&database.pool, stored).await, [integer("s1", "4000"), integer("s2", "2000")]);
    assert_eq!(database.delete_expired_sessions(UnixMillis::new(3_000), 10).await.unwrap(), 1);

    let strict = Scratch::create().await;
    run(
        &strict.pool,
        &TABLES
            .replace(
                "(user_id) REFERENCES user(id));\n        CREATE TABLE user_key",
                "(user_id) REFERENCES user(id)) STRICT;\n        CREATE TABLE user_key",
            )
            .replace("\n        INSERT INTO user_session VALUES ('s1', 'u1', 1000.0, 2000.0);", ""),
    )
    .await;
    let found = mismatches(&strict, config()).await;
    assert_eq!(found.len(), 2, "a strict table stores only bytes in a column of bytes: {found:?}");
}

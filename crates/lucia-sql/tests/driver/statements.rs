//! The text of statements and the order of their values, as a driver gets them.

use lucia_core::{
    Adapter as _, Attributes, KeyId, KeySchema, SessionAdapter as _, SessionSchema, SessionUpdate, UnixMillis,
    UserAdapter as _, UserSchema,
};
use lucia_sql::{
    Attribute, AttributeType, Mismatch, SetupError, SqlConfig, Table,
    driver::{Database, SqlValue},
};

use crate::scripted::{Run, Scripted};

type SqlAdapter = lucia_sql::SqlAdapter<Scripted>;
type SqlUserAdapter = lucia_sql::SqlUserAdapter<Scripted>;

fn config() -> SqlConfig {
    let users = Table::named("User")
        .attribute("name", Attribute::string().map("full_name"))
        .attribute("visits", Attribute::new(AttributeType::BigInt).default_value(0))
        .attribute("bio", Attribute::string().optional());
    let sessions = Table::named("Session").attribute("country", Attribute::string().optional());
    SqlConfig::default().user(users).session(sessions)
}

fn take(driver: &Scripted) -> Vec<Run> {
    std::mem::take(&mut driver.runs.lock().unwrap())
}

fn text(text: &str) -> SqlValue {
    SqlValue::from(text)
}

const NOW: UnixMillis = UnixMillis::new(7);
const LATER: UnixMillis = UnixMillis::new(9);

/// A Worker makes the adapter for each request.
#[tokio::test]
async fn an_adapter_on_d1_asks_nothing_when_it_is_made() {
    let driver = Scripted::new(Database::D1);
    SqlAdapter::with_config(driver.clone(), config()).await.unwrap();
    SqlUserAdapter::with_config(driver.clone(), config()).await.unwrap();
    assert_eq!(take(&driver), []);

    let error = config().check(&driver).await.unwrap_err();
    assert!(matches!(error, SetupError::Mismatch(_)), "there are no tables");
    assert!(take(&driver)[0].0.contains("pragma_table_list"));
}

#[tokio::test]
async fn times_of_d1_may_be_integers_or_text() {
    for stored in [SqlValue::Real(1_688_619_843_021.0), text("2023-07-06T05:04:03.021+00:00")] {
        let driver = Scripted { rows: vec![vec![text("u1"), stored]], ..Scripted::new(Database::D1) };
        let users = Table::named("User").attribute("joined", Attribute::new(AttributeType::DateTime));
        let config = SqlConfig::default().user(users);
        let adapter = SqlUserAdapter::with_config(driver.clone(), config).await.unwrap();
        let user = adapter.get_user(&"u1".into()).await.unwrap().unwrap();
        assert_eq!(user.attributes().get("joined"), Some(&"2023-07-06T05:04:03.021Z".into()));
        let sql = &take(&driver)[0].0;
        assert!(!sql.contains("CAST"), "a time is read as it is stored: {sql}");
    }
}

#[tokio::test]
async fn a_query_of_d1_returns_at_most_100_columns() {
    let table = |name: &str, count: usize| {
        let names = (0..count).map(|index| format!("a{index}"));
        names.fold(Table::named(name), |table, name| table.attribute(name, Attribute::string()))
    };
    let driver = Scripted::new(Database::D1);
    for (user, session, fits) in [(95, 0, true), (60, 35, true), (0, 95, true), (96, 0, false), (60, 36, false)] {
        let config = SqlConfig::default().user(table("User", user)).session(table("Session", session));
        assert_eq!(SqlAdapter::with_config(driver.clone(), config).await.is_ok(), fits, "{user} {session}");
    }
    for (user, fits) in [(99, true), (100, false)] {
        let config = SqlConfig::default().user(table("User", user));
        assert_eq!(SqlUserAdapter::with_config(driver.clone(), config).await.is_ok(), fits, "{user}");
    }
}

#[tokio::test]
async fn columns_that_differ_in_case_are_one_except_on_postgres() {
    let users = || Table::named("User").attribute("name", Attribute::string()).attribute("Name", Attribute::string());
    for (users, column) in [(users(), "Name"), (Table::named("User").attribute("ID", Attribute::string()), "ID")] {
        let config = SqlConfig::default().user(users);
        let error = SqlAdapter::with_config(Scripted::new(Database::D1), config).await.unwrap_err();
        let expected = Mismatch::UsedTwice { table: "User".to_owned(), column: column.to_owned() };
        assert!(matches!(&error, SetupError::Mismatch(found) if *found == [expected]), "{error}");
    }
    let config = SqlConfig::default().user(users());
    let error = SqlAdapter::with_config(Scripted::new(Database::Postgres), config).await.unwrap_err();
    let is_used_twice = |mismatch: &Mismatch| matches!(mismatch, Mismatch::UsedTwice { .. });
    assert!(!matches!(&error, SetupError::Mismatch(found) if found.iter().any(is_used_twice)), "{error}");
}

#[tokio::test]
async fn several_sessions_are_read_by_one_statement() {
    let driver = Scripted::new(Database::D1);
    let adapter = SqlAdapter::new(driver.clone()).await.unwrap();
    adapter.get_sessions(&["s1".into(), "s2".into()]).await.unwrap();
    adapter.get_sessions(&[]).await.unwrap();
    let [(sql, values)] = &take(&driver)[..] else { panic!("one statement was expected") };
    assert!(sql.ends_with(r#"FROM "Session" WHERE "Session"."id" = +?1 OR "Session"."id" = +?2 OR "Session"."id" = +?3 OR "Session"."id" = +?4"#));
    assert_eq!(*values, [text("s1"), text("s2"), text("s2"), text("s2")]);
}

/// SQLite plans a statement again for each value that is compared with an indexed column, except behind a sign.
#[tokio::test]
async fn the_first_of_two_sessions_is_read_by_two_look_ups_of_one_statement() {
    let driver = Scripted::new(Database::D1);
    let adapter = SqlAdapter::new(driver.clone()).await.unwrap();
    let ids = ["s1".into(), "s2".into()];
    adapter.get_first_session(&ids).await.unwrap();
    adapter.get_first_session_and_user(&ids).await.unwrap();
    let [session, both] = take(&driver).try_into().unwrap();
    let first = r#" WHERE "Session"."id" = +?1 UNION ALL SELECT "Session"."id", "#;
    let second = r#" WHERE "Session"."id" = +?2 AND NOT EXISTS (SELECT 1 FROM "Session" WHERE "Session"."id" = +?1)"#;
    for ((sql, values), from) in [(session, r#" FROM "Session""#), (both, r#"."user_id""#)] {
        assert!(sql.contains(&[from, first].concat()) && sql.ends_with(&[from, second].concat()), "{sql}");
        assert_eq!(values, [text("s1"), text("s2")]);
    }
}

#[tokio::test]
async fn integers_of_d1_are_read_as_text() {
    let driver = Scripted::new(Database::D1);
    let adapter = SqlAdapter::with_config(driver.clone(), config()).await.unwrap();
    adapter.get_user(&"u1".into()).await.unwrap();
    let visits = r#""User"."visits""#;
    assert_eq!(
        take(&driver),
        [(
            format!(
                r#"SELECT "User"."id", "User"."full_name", CASE typeof({visits}) WHEN 'integer' THEN CAST({visits} AS TEXT) ELSE {visits} END, "User"."bio" FROM "User" WHERE "User"."id" = +?1"#
            ),
            vec![text("u1")]
        )]
    );
}

#[tokio::test]
async fn rows_of_d1_are_read_with_their_doubles() {
    let row = vec![text("u1"), text("Ada"), text("9007199254740993"), SqlValue::Null];
    let driver = Scripted { rows: vec![row], ..Scripted::new(Database::D1) };
    let adapter = SqlAdapter::with_config(driver, config()).await.unwrap();
    let user = adapter.get_user(&"u1".into()).await.unwrap().unwrap();
    assert_eq!(user.attributes().get("visits"), Some(&9_007_199_254_740_993_i64.into()));

    let users = Table::named("User").attribute("admin", Attribute::new(AttributeType::Boolean));
    for (stored, read) in [(1.0, true), (0.0, false)] {
        let driver = Scripted { rows: vec![vec![text("u1"), SqlValue::Real(stored)]], ..Scripted::new(Database::D1) };
        let adapter = SqlAdapter::with_config(driver, SqlConfig::default().user(users.clone())).await.unwrap();
        let user = adapter.get_user(&"u1".into()).await.unwrap().unwrap();
        assert_eq!(user.attributes().get("admin"), Some(&read.into()));
    }
}

/// Each column stands beside its value, whichever are written.
#[tokio::test]
async fn values_are_those_of_their_columns() {
    let driver = Scripted::new(Database::D1);
    let adapter = SqlAdapter::with_config(driver.clone(), config()).await.unwrap();
    let user = UserSchema::new("u1").with_attributes(Attributes::from([("name", "Ada")])).unwrap();
    let key = KeySchema::new(KeyId::new("github", "1").unwrap(), "u1");
    adapter.set_user(&user, Some(&key)).await.unwrap();
    let [user, key] = take(&driver).try_into().unwrap();
    assert_eq!(
        user,
        (
            r#"INSERT INTO "User" ("id", "full_name", "bio") SELECT ?1, ?2, ?3"#.to_owned(),
            vec![text("u1"), text("Ada"), SqlValue::Null]
        )
    );
    assert_eq!(
        key,
        (
            r#"INSERT INTO "Key" ("id", "user_id", "hashed_password") SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM "User" WHERE "User"."id" = +?2)"#.to_owned(),
            vec![text("github:1"), text("u1"), SqlValue::Null]
        )
    );

    let update =
        SessionUpdate::default().with_active_expires(NOW).with_idle_expires(LATER).with_expected_idle_expires(NOW);
    adapter.update_session(&"s1".into(), &update).await.unwrap();
    let renewal = r#"UPDATE "Session" SET "active_expires" = CAST(?1 AS INTEGER), "idle_expires" = CAST(?2 AS INTEGER) WHERE "Session"."id" = +?3 AND "Session"."idle_expires" = CAST(?4 AS INTEGER)"#;
    let integer = |time: UnixMillis| SqlValue::Integer(time.get());
    assert_eq!(take(&driver), [(renewal.to_owned(), vec![integer(NOW), integer(LATER), text("s1"), integer(NOW)])]);

    adapter
        .rotate_session(&"s1".into(), &"s2".into(), &SessionUpdate::default().with_idle_expires(LATER))
        .await
        .unwrap();
    let rotation = r#"UPDATE "Session" SET "id" = ?1, "idle_expires" = CAST(?2 AS INTEGER) WHERE "Session"."id" = +?3"#;
    assert_eq!(take(&driver), [(rotation.to_owned(), vec![text("s2"), integer(LATER), text("s1")])]);

    adapter.delete_user(&"u1".into()).await.unwrap();
    let deleted = take(&driver);
    let tables = ["Session", "Key", "User"];
    assert!(deleted.iter().zip(tables).all(|((sql, values), table)| sql.contains(table) && *values == [text("u1")]));
    assert_eq!(deleted.len(), tables.len());
}

/// A required attribute is missed before the database is asked.
#[tokio::test]
async fn what_d1_needs_is_what_is_configured() {
    let driver = Scripted::new(Database::D1);
    let adapter = SqlAdapter::with_config(driver.clone(), config()).await.unwrap();
    let error = adapter.set_user(&UserSchema::new("u1"), None).await.unwrap_err();
    assert_eq!(error.attribute(), Some("name"));
    assert_eq!(take(&driver), []);
}

#[tokio::test]
async fn d1_inserts_a_session_and_reads_its_user_in_one_statement() {
    let config = SqlConfig::default().user(Table::named("User").attribute("name", Attribute::string()));
    let driver = Scripted { rows: vec![vec![text("u1"), text("Ada")]], ..Scripted::new(Database::D1) };
    let adapter = SqlAdapter::with_config(driver.clone(), config).await.unwrap();
    let session = SessionSchema::new("s1", "u1", NOW, LATER);
    let user = adapter.set_session_and_get_user(&session).await.unwrap();
    assert_eq!(user.attributes().get("name"), Some(&"Ada".into()));
    let [(sql, _)] = take(&driver).try_into().unwrap();
    let returned = r#" WHERE EXISTS (SELECT 1 FROM "User" WHERE "User"."id" = +?2) RETURNING (SELECT "User"."id" FROM "User" WHERE "User"."id" = +?2), (SELECT "User"."name" FROM "User" WHERE "User"."id" = +?2)"#;
    assert!(sql.ends_with(returned), "{sql}");
}

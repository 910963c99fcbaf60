//! Tests of the values that each type of column accepts, returns and rejects.

use adapter_prisma_compatible::{Attribute, AttributeType, DateTimeFormat, PrismaAdapter, PrismaConfig, Table};
use lucia_core::{AdapterErrorKind as Kind, Attributes, SessionAdapter, UserAdapter, UserSchema, UserUpdate};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    shared::values::{
        assert_omitted_from_lists, assert_only_their_row_fails, assert_rejected, assert_round_trip,
        json_beyond_the_depth_limit_is_read_but_not_written, of_every_type, read, share_a_statement, with_json, write,
    },
    support::{Database, config, one, run, session, single, text, user},
};

const TYPES: [(&str, AttributeType); 9] = [
    ("string", AttributeType::String),
    ("int", AttributeType::Int),
    ("big", AttributeType::BigInt),
    ("float", AttributeType::Float),
    ("flag", AttributeType::Boolean),
    ("time", AttributeType::DateTime),
    ("json", AttributeType::Json),
    ("bytes", AttributeType::Bytes),
    ("price", AttributeType::Decimal),
];

fn every_type() -> PrismaConfig {
    let attribute =
        |users: Table, (name, kind): &(&str, AttributeType)| users.attribute(*name, Attribute::new(*kind).optional());
    let users = TYPES.iter().fold(Table::named("User"), attribute);
    PrismaConfig::default()
        .user(users.attribute("role", Attribute::enumeration(["USER"]).label("SUPER", "super-admin").optional()))
}

async fn with_users() -> Database {
    let database = Database::create(every_type()).await;
    for id in ["u1", "u2"] {
        database.set_user(&UserSchema::new(id), None).await.unwrap();
    }
    database
}

#[tokio::test]
async fn values_are_returned_in_the_form_of_their_type() {
    let database = with_users().await;
    let cases = [
        ("string", json!("a\u{0}b 'ü' 😀"), json!("a\u{0}b 'ü' 😀"), "text"),
        ("string", json!("123"), json!("123"), "text"),
        ("int", json!(-5), json!(-5), "integer"),
        ("int", json!(5.0), json!(5), "integer"),
        ("big", json!(i64::MAX), json!(i64::MAX), "integer"),
        ("big", json!(i64::MIN), json!(i64::MIN), "integer"),
        ("float", json!(3), json!(3.0), "real"),
        ("float", json!(0.1), json!(0.1), "real"),
        ("float", json!(-1.5e-300), json!(-1.5e-300), "real"),
        ("flag", json!(true), json!(true), "integer"),
        ("time", json!("2023-07-06T07:04:03.0219+02:00"), json!("2023-07-06T05:04:03.021Z"), "text"),
        ("time", json!(1_688_619_843_021_i64), json!("2023-07-06T05:04:03.021Z"), "text"),
        ("json", json!({"z": [1, null, "é"], "a": {}}), json!({"z": [1, null, "é"], "a": {}}), "text"),
        ("json", json!("12"), json!("12"), "text"),
        ("json", json!(12), json!(12), "integer"),
        ("json", json!(1.5), json!(1.5), "real"),
        ("json", json!(false), json!(false), "text"),
        ("json", json!(i64::MAX), json!(i64::MAX), "integer"),
        ("bytes", json!([0, 255]), json!([0, 255]), "blob"),
        ("bytes", json!([]), json!([]), "blob"),
        ("price", json!("1.10"), json!("1.1"), "real"),
        ("price", json!("9007199254740993"), json!("9007199254740993"), "integer"),
        ("price", json!(2.50), json!("2.5"), "real"),
        ("role", json!("SUPER"), json!("SUPER"), "text"),
    ];
    assert_round_trip(&database, &[&database.adapter], &cases, |name| format!("typeof(\"{name}\")")).await;
}

#[tokio::test]
async fn unsupported_values_are_rejected_by_name_and_change_nothing() {
    let database = with_users().await;
    let cases = [
        ("string", json!(1)),
        ("string", json!(["a"])),
        ("int", json!("1")),
        ("int", json!(1.5)),
        ("int", json!(1e17)),
        ("big", json!(u64::MAX)),
        ("float", json!("1.5")),
        ("float", json!(9_007_199_254_740_993_i64)),
        ("flag", json!(1)),
        ("flag", json!("true")),
        ("time", json!("2023-07-06 05:04:03")),
        ("time", json!("hunter2")),
        ("time", json!(1.5)),
        ("time", json!(i64::MAX)),
        ("time", json!(true)),
        ("json", json!(u64::MAX)),
        ("bytes", json!([256])),
        ("bytes", json!([-1])),
        ("bytes", json!("AAEC")),
        ("price", json!("12345678901234567890.5")),
        ("price", json!("0.1234567890123456789")),
        ("price", json!("abc")),
        ("price", json!(true)),
        ("role", json!("super-admin")),
        ("role", json!("ROOT")),
    ];
    assert_rejected(&database, &cases, "string").await;
}

#[tokio::test]
async fn one_prepared_statement_accepts_every_value_even_after_null() {
    let database = with_users().await;
    let single = single(&database.scratch).await;
    share_a_statement(&PrismaAdapter::with_config(single, every_type()).await.unwrap(), &of_every_type()).await;
}

#[tokio::test]
async fn a_struct_of_the_application_round_trips() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Profile {
        string: Option<String>,
        int: i32,
        big: i64,
        float: f64,
        flag: bool,
        time: String,
        json: Vec<u8>,
        bytes: Vec<u8>,
        price: String,
    }
    let database = with_users().await;
    let profile = Profile {
        string: None,
        int: 1,
        big: i64::MIN,
        float: 2.0,
        flag: false,
        time: "2023-07-06T05:04:03.021Z".into(),
        json: vec![1],
        bytes: vec![0, 1, 2],
        price: "12.5".into(),
    };
    let update = UserUpdate::default().with_attributes(Attributes::from_serialize(&profile).unwrap()).unwrap();
    database.update_user(&"u1".into(), &update).await.unwrap();
    let user = database.get_user(&"u1".into()).await.unwrap().unwrap();
    assert_eq!(user.attributes().deserialize::<Profile>().unwrap(), profile);
}

#[tokio::test]
async fn times_can_be_written_as_milliseconds() {
    let database = Database::create(every_type().date_time_format(DateTimeFormat::UnixEpochMillis)).await;
    database.set_user(&UserSchema::new("u1"), None).await.unwrap();
    write(&database.adapter, "time", json!("1969-12-31T23:59:59.999Z")).await.unwrap();
    assert_eq!(text(&database.pool, "SELECT typeof(time) || time FROM User").await.as_deref(), Some("integer-1"));
    assert_eq!(read(&database.adapter, "time").await, json!("1969-12-31T23:59:59.999Z"));
}

#[tokio::test]
async fn values_of_other_writers_are_read_as_by_prisma() {
    let database = with_users().await;
    let cases = [
        ("time", "'2023-07-06 05:04:03'", json!("2023-07-06T05:04:03.000Z")),
        ("time", "'1688619843021'", json!("2023-07-06T05:04:03.021Z")),
        ("time", "1688619843021.0", json!("2023-07-06T05:04:03.021Z")),
        ("time", "'2023-07-06'", json!("2023-07-06T00:00:00.000Z")),
        ("flag", "'TRUE'", json!(true)),
        ("flag", "x'01'", json!(true)),
        ("flag", "'0'", json!(false)),
        ("json", "'null'", json!(null)),
        ("json", "' {\"a\" : 1} '", json!({"a": 1})),
        ("int", "1.5", json!(1)),
        ("big", "'12'", json!(12)),
        ("price", "'1.50'", json!("1.5")),
        ("float", "7", json!(7.0)),
    ];
    for (name, literal, expected) in cases {
        run(&database.pool, &format!("UPDATE User SET \"{name}\" = {literal}")).await;
        assert_eq!(read(&database.adapter, name).await, expected, "{name} = {literal}");
    }
}

#[tokio::test]
async fn a_corrupt_value_fails_only_its_row() {
    let database = with_users().await;
    let cases = [
        ("string", "x'00'"),
        ("string", "CAST(x'ff' AS TEXT)"),
        ("int", "'many'"),
        ("int", "1e300"),
        ("float", "9e999"),
        ("float", "'x'"),
        ("flag", "2"),
        ("flag", "-1"),
        ("flag", "'yes'"),
        ("time", "'yesterday'"),
        ("time", "''"),
        ("time", "1e20"),
        ("time", "9223372036854775807"),
        ("json", "'{'"),
        ("json", "''"),
        ("bytes", "'text'"),
        ("bytes", "1"),
        ("price", "'abc'"),
        ("role", "'SUPER'"),
    ];
    assert_only_their_row_fails(&database, &cases, "").await;
}

#[tokio::test]
async fn lists_skip_corrupt_rows() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    for id in ["s1", "s2", "s3", "s4"] {
        database.set_session(&session(id, "u1")).await.unwrap();
    }
    run(&database.pool, "UPDATE Session SET idle_expires = 'soon' WHERE id = 's1'").await;
    run(&database.pool, "UPDATE Session SET active_expires = 1e300 WHERE id = 's2'").await;
    run(&database.pool, "UPDATE Session SET country = x'00' WHERE id = 's3'").await;
    assert_omitted_from_lists(&database, &["s1", "s2", "s3"], "s4").await;
}

#[tokio::test]
async fn generated_columns_are_read_and_not_written() {
    let sql =
        "CREATE TABLE User (id TEXT PRIMARY KEY, username TEXT, upper TEXT AS (upper(username)), meta JSONB NOT NULL);
         CREATE TABLE Session (id TEXT PRIMARY KEY, user_id TEXT, active_expires BIGINT, idle_expires BIGINT);
         CREATE TABLE Key (id TEXT PRIMARY KEY, user_id TEXT, hashed_password TEXT);";
    let database = Database::from_sql(sql, PrismaConfig::default()).await;
    let ada = UserSchema::new("u1")
        .with_attributes(Attributes::from([("username", json!("ada")), ("meta", json!(null))]))
        .unwrap();
    database.set_user(&ada, None).await.unwrap();
    let read = database.get_user(&ada.id).await.unwrap().unwrap();
    assert_eq!(read.attributes().get("upper"), Some(&json!("ADA")));
    assert_eq!(
        text(&database.pool, "SELECT meta FROM User").await.as_deref(),
        Some("null"),
        "Prisma's JsonNull in a required column"
    );
    let error = database
        .update_user(&ada.id, &UserUpdate::default().with_attributes(one("upper", "X")).unwrap())
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.attribute()), (Kind::InvalidAttribute, Some("upper")));
}

#[tokio::test]
async fn json_nested_too_deeply_is_read_and_not_written() {
    json_beyond_the_depth_limit_is_read_but_not_written(&Database::create(with_json()).await).await;
}

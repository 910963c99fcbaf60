//! Tests of the values that each type of column accepts, returns and rejects.

use adapter_prisma_compatible::{Attribute, AttributeType, PrismaAdapter, PrismaConfig, Refusal, Table, postgres};
use lucia_core::{AdapterErrorKind as Kind, Attributes, UserAdapter, UserSchema, UserUpdate};
use serde_json::json;

use crate::{
    shared::values::{
        assert_omitted_from_lists, assert_only_their_row_fails, assert_rejected, assert_round_trip,
        json_beyond_the_depth_limit_is_read_but_not_written, of_every_type, read, share_a_statement, with_json, write,
    },
    support::{Database, kind, one, run, single, text, texts},
};

/// Every scalar type of Prisma, and every native type of Postgres that a field can have.
const TABLES: &str = r#"
    CREATE TYPE "Role" AS ENUM ('USER', 'super-admin');
    CREATE DOMAIN "short" AS VARCHAR(4) CHECK (VALUE <> 'no');
    CREATE DOMAIN "shorter" AS "short" CHECK (length(VALUE) < 4);
    CREATE TABLE "User" ("id" TEXT PRIMARY KEY,
        "string" TEXT, "int" INTEGER, "big" BIGINT, "float" DOUBLE PRECISION, "flag" BOOLEAN, "time" TIMESTAMP(3),
        "json" JSONB, "bytes" BYTEA, "price" DECIMAL(65,30), "role" "Role",
        "varchar" VARCHAR(5), "char" CHAR(5), "uuid" UUID, "plain_json" JSON, "small" SMALLINT, "oid" OID, "real" REAL,
        "decimal" DECIMAL(10,2), "numeric" NUMERIC, "money" MONEY, "tz" TIMESTAMPTZ(6), "seconds" TIMESTAMP(0),
        "date" DATE, "clock" TIME(3), "inet" INET, "xml" XML, "domain" "shorter");
    CREATE TABLE "Session" ("id" TEXT PRIMARY KEY, "user_id" TEXT, "active_expires" BIGINT, "idle_expires" BIGINT,
        "seen" TIMESTAMP(3));
    CREATE TABLE "Key" ("id" TEXT PRIMARY KEY, "user_id" TEXT, "hashed_password" TEXT);
    INSERT INTO "User" ("id") VALUES ('u1'), ('u2')"#;

fn every_type() -> PrismaConfig {
    let role = Attribute::enumeration(["USER"]).label("SUPER", "super-admin").optional();
    PrismaConfig::default().user(Table::named("User").attribute("role", role))
}

async fn with_users() -> Database {
    Database::from_sql(TABLES, every_type()).await
}

#[tokio::test]
async fn values_are_returned_in_the_form_of_their_type() {
    let database = with_users().await;
    // With any time zone and style of the connection.
    let url = format!("{}&options[TimeZone]=Asia%2FTokyo&options[DateStyle]=German", database.scratch.url());
    let abroad = postgres::connect(&url).await.unwrap();
    let abroad = PrismaAdapter::with_config(abroad, every_type()).await.unwrap();
    let time = "2023-07-06T05:04:03.021Z";
    let cases = [
        ("string", json!("'ü' \\ 😀"), json!("'ü' \\ 😀"), "'ü' \\ 😀"),
        ("int", json!(-5), json!(-5), "-5"),
        ("int", json!(5.0), json!(5), "5"),
        ("int", json!(i32::MIN), json!(i32::MIN), "-2147483648"),
        ("big", json!(i64::MAX), json!(i64::MAX), "9223372036854775807"),
        ("big", json!(i64::MIN), json!(i64::MIN), "-9223372036854775808"),
        ("float", json!(3), json!(3.0), "3"),
        ("float", json!(0.1), json!(0.1), "0.1"),
        ("float", json!(-1.5e-300), json!(-1.5e-300), "-1.5e-300"),
        ("flag", json!(true), json!(true), "true"),
        ("time", json!("2023-07-06T07:04:03.0219+02:00"), json!(time), "2023-07-06 05:04:03.021"),
        ("time", json!(1_688_619_843_021_i64), json!(time), "2023-07-06 05:04:03.021"),
        ("time", json!(-1), json!("1969-12-31T23:59:59.999Z"), "1969-12-31 23:59:59.999"),
        (
            "json",
            json!({"z": [1, null, "é"], "a": {}}),
            json!({"a": {}, "z": [1, null, "é"]}),
            r#"{"a": {}, "z": [1, null, "é"]}"#,
        ),
        ("json", json!("12"), json!("12"), "\"12\""),
        ("json", json!(12), json!(12), "12"),
        ("json", json!(1.5), json!(1.5), "1.5"),
        ("json", json!(u64::MAX), json!(u64::MAX), "18446744073709551615"),
        ("json", json!("\\u0000"), json!("\\u0000"), r#""\\u0000""#),
        ("bytes", json!([0, 255]), json!([0, 255]), "\\x00ff"),
        ("bytes", json!([]), json!([]), "\\x"),
        ("price", json!("1.10"), json!("1.1"), "1.100000000000000000000000000000"),
        (
            "price",
            json!("12345678901234567890123456789012345.123456789012345678901234567891"),
            json!("12345678901234567890123456789012345.123456789012345678901234567891"),
            "12345678901234567890123456789012345.123456789012345678901234567891",
        ),
        ("price", json!(2.50), json!("2.5"), "2.500000000000000000000000000000"),
        ("price", json!("100"), json!("100"), "100.000000000000000000000000000000"),
        ("role", json!("SUPER"), json!("SUPER"), "super-admin"),
        ("varchar", json!("ééééé"), json!("ééééé"), "ééééé"),
        ("char", json!("ab"), json!("ab   "), "ab"),
        (
            "uuid",
            json!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
            json!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        ),
        ("plain_json", json!({"z": 1, "a": 2}), json!({"z": 1, "a": 2}), r#"{"z":1,"a":2}"#),
        ("small", json!(-32768), json!(-32768), "-32768"),
        ("oid", json!(4_294_967_295_u32), json!(4_294_967_295_u32), "4294967295"),
        ("real", json!(0.1), json!(0.1), "0.1"),
        ("decimal", json!("-99999999.99"), json!("-99999999.99"), "-99999999.99"),
        ("numeric", json!("1e40"), json!(format!("1{}", "0".repeat(40))), &format!("1{}", "0".repeat(40))),
        ("money", json!("12.34"), json!("12.34"), "$12.34"),
        ("tz", json!(time), json!(time), "2023-07-06 05:04:03.021+00"),
        ("seconds", json!("2023-07-06T05:04:03Z"), json!("2023-07-06T05:04:03.000Z"), "2023-07-06 05:04:03"),
        ("date", json!("2023-07-06T00:00:00Z"), json!("2023-07-06T00:00:00.000Z"), "2023-07-06"),
        ("clock", json!("1970-01-01T05:04:03.021Z"), json!("1970-01-01T05:04:03.021Z"), "05:04:03.021"),
        ("inet", json!("10.0.0.1"), json!("10.0.0.1"), "10.0.0.1/32"),
        ("xml", json!("<a/>"), json!("<a/>"), "<a/>"),
        ("domain", json!("abc"), json!("abc"), "abc"),
    ];
    assert_round_trip(&database, &[&database.adapter, &abroad], &cases, |name| format!(r#""{name}"::text"#)).await;
}

#[tokio::test]
async fn unsupported_values_are_rejected_by_name_and_change_nothing() {
    let database = with_users().await;
    let before = database.get_user(&"u1".into()).await.unwrap();
    let cases = [
        ("string", json!(1)),
        ("string", json!("a\0b")),
        ("int", json!("1")),
        ("int", json!(1.5)),
        ("int", json!(2_147_483_648_i64)),
        ("big", json!(u64::MAX)),
        ("float", json!("1.5")),
        ("float", json!(9_007_199_254_740_993_i64)),
        ("flag", json!(1)),
        ("flag", json!("true")),
        ("time", json!("2023-07-06 05:04:03")),
        ("time", json!("hunter2")),
        ("time", json!("infinity")),
        ("time", json!(i64::MAX)),
        ("json", json!({"a": ["\0"]})),
        ("json", json!({"\0": 1})),
        ("bytes", json!([256])),
        ("bytes", json!("AAEC")),
        ("price", json!("0.1234567890123456789012345678901")),
        ("price", json!("1e36")),
        ("price", json!("NaN")),
        ("price", json!(true)),
        ("role", json!("super-admin")),
        ("role", json!("ROOT")),
        ("varchar", json!("abcdef")),
        ("varchar", json!("abcde ")),
        ("char", json!("abcdef")),
        ("uuid", json!("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11")),
        ("uuid", json!("hunter2")),
        ("small", json!(32_768)),
        ("oid", json!(-1)),
        ("real", json!(0.123_456_789)),
        ("real", json!(1e39)),
        ("decimal", json!("0.001")),
        ("decimal", json!("100000000")),
        ("money", json!("0.005")),
        ("seconds", json!("2023-07-06T05:04:03.021Z")),
        ("date", json!("2023-07-06T05:04:03Z")),
        ("clock", json!("2023-07-06T05:04:03Z")),
    ];
    assert_rejected(&database, &cases, "string").await;
    // Checked by the server only.
    for (name, value) in
        [("inet", json!("hunter2")), ("xml", json!("<hunter2")), ("domain", json!("no")), ("domain", json!("abcd"))]
    {
        let error = write(&database.adapter, name, value).await.unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidAttribute, "{name}");
        let refusal = error.downcast_ref::<Refusal>().unwrap().to_string();
        assert!(
            refusal.ends_with(" of table `User`: the value is too long, out of range or malformed") || name == "domain"
        );
        assert!(!texts(&error).contains("hunter2"), "no value in an error");
    }
    assert_eq!(database.get_user(&"u1".into()).await.unwrap(), before);
}

/// With any time zone and style of the connection.
#[tokio::test]
async fn lists_round_trip_or_are_rejected_by_name() {
    let sql = r#"
        CREATE TYPE "Role" AS ENUM ('USER', 'super-admin');
        CREATE DOMAIN "short" AS VARCHAR(4);
        CREATE TABLE "User" ("id" TEXT PRIMARY KEY, "texts" VARCHAR(5)[] NOT NULL, "roles" "Role"[], "ints" INTEGER[],
            "times" TIMESTAMPTZ[], "floats" REAL[], "prices" MONEY[], "bytes" BYTEA[], "domains" "short"[], "bits" BIT(4)[]);
        CREATE TABLE "Session" ("id" TEXT PRIMARY KEY, "user_id" TEXT, "active_expires" BIGINT, "idle_expires" BIGINT);
        CREATE TABLE "Key" ("id" TEXT PRIMARY KEY, "user_id" TEXT, "hashed_password" TEXT);
        INSERT INTO "User" ("id", "texts") VALUES ('u1', '{}')"#;
    let role = Attribute::enumeration(["USER"]).label("SUPER", "super-admin").list();
    let config = || PrismaConfig::default().user(Table::named("User").attribute("roles", role.clone()));
    let database = Database::from_sql(sql, config()).await;
    let url = format!("{}&options[TimeZone]=Asia%2FTokyo&options[DateStyle]=German", database.scratch.url());
    let abroad = PrismaAdapter::with_config(postgres::connect(&url).await.unwrap(), config()).await.unwrap();
    let names = ["texts", "roles", "ints", "times", "floats", "prices", "bytes"];
    let user = database.get_user(&"u1".into()).await.unwrap().unwrap();
    assert_eq!(
        user.attributes().iter().map(|(name, _)| name).collect::<Vec<_>>(),
        names,
        "lists of domains and of bits are not attributes"
    );
    assert_eq!(read(&abroad, "roles").await, json!([]), "null is read as an empty list");

    for (name, list) in [
        ("texts", json!(["", "a\"\\", "{é},", "null"])),
        ("roles", json!(["SUPER", "USER"])),
        ("ints", json!([i32::MIN, 0])),
        ("times", json!(["2023-07-06T05:04:03.021Z"])),
        ("floats", json!([0.1, -2.0])),
        ("prices", json!(["12.34"])),
        ("bytes", json!([[92, 120], []])),
        ("ints", json!([])),
    ] {
        for writer in [&database.adapter, &abroad] {
            write(writer, name, list.clone()).await.unwrap();
            assert_eq!([read(&database.adapter, name).await, read(&abroad, name).await], [list.clone(), list.clone()]);
        }
    }
    let rejected = [
        ("texts", json!("a"), "must be an array"),
        ("texts", json!(["a", null]), "must be an array whose item 1 must not be null"),
        ("texts", json!(["abcdef"]), "must be an array whose item 0 must have at most 5 characters, and has 6"),
        ("texts", json!(null), "must not be null"),
        ("roles", json!(["ROOT"]), "must be an array whose item 0 must be one of `USER`, `SUPER`"),
        (
            "ints",
            json!([2_147_483_648_i64]),
            "must be an array whose item 0 must be an integer from -2147483648 to 2147483647",
        ),
        ("ints", json!([[1]]), "must be an array whose item 0 must be a 64-bit integer"),
    ];
    for (name, value, reason) in rejected {
        let error = write(&database.adapter, name, value).await.unwrap_err();
        assert_eq!((error.kind(), error.attribute()), (Kind::InvalidAttribute, Some(name)));
        let refusal = error.downcast_ref::<Refusal>().unwrap().to_string();
        assert!(refusal.ends_with(&format!("the value {reason}")), "{refusal}");
    }
    // Lists that Prisma does not support.
    for corrupt in [r#""texts" = '{a,NULL}'"#, r#""ints" = '{{1,2},{3,4}}'"#, r#""times" = '{infinity}'"#] {
        run(&database.pool, &format!(r#"UPDATE "User" SET {corrupt}"#)).await;
        assert_eq!(kind(database.get_user(&"u1".into()).await), Kind::Decode, "{corrupt}");
        run(&database.pool, r#"UPDATE "User" SET "texts" = '{}', "ints" = NULL, "times" = NULL"#).await;
    }
}

#[tokio::test]
async fn one_prepared_statement_accepts_every_value_even_after_null() {
    let database = with_users().await;
    let single = single(&database.scratch).await;
    let mut values = of_every_type();
    values.push(("uuid", json!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")));
    share_a_statement(&PrismaAdapter::with_config(single, every_type()).await.unwrap(), &values).await;
}

#[tokio::test]
async fn an_unsupported_value_fails_only_its_row() {
    let database = with_users().await;
    let cases = [
        ("float", "'NaN'"),
        ("float", "'-Infinity'"),
        ("time", "'infinity'"),
        ("tz", "'-infinity'"),
        ("time", "'294000-01-01'"),
        ("date", "'infinity'"),
        ("price", "'NaN'"),
        ("numeric", "'Infinity'"),
    ];
    assert_only_their_row_fails(&database, &cases, "").await;
    run(&database.pool, r#"INSERT INTO "Session" VALUES ('s1', 'u1', 1, 2, 'infinity'), ('s2', 'u1', 1, 2, NULL)"#)
        .await;
    assert_omitted_from_lists(&database, &["s1"], "s2").await;
}

#[tokio::test]
async fn an_undeclared_label_is_returned_unchanged() {
    let database = with_users().await;
    run(&database.pool, r#"ALTER TYPE "Role" ADD VALUE 'NEW'"#).await;
    run(&database.pool, r#"UPDATE "User" SET "role" = 'NEW' WHERE "id" = 'u1'"#).await;
    assert_eq!(read(&database.adapter, "role").await, json!("NEW"));
    let rejected = write(&database.adapter, "role", json!("NEW")).await;
    assert_eq!(kind(rejected), Kind::InvalidAttribute, "the label is not declared");
    // It would be confused with the label that is stored as `super-admin`.
    run(&database.pool, r#"ALTER TYPE "Role" ADD VALUE 'SUPER'"#).await;
    run(&database.pool, r#"UPDATE "User" SET "role" = 'SUPER' WHERE "id" = 'u1'"#).await;
    assert_eq!(kind(database.get_user(&"u1".into()).await), Kind::Decode);
    run(&database.pool, r#"UPDATE "User" SET "role" = 'NEW' WHERE "id" = 'u1'"#).await;
    // Without declared labels, those of the database apply.
    let adapter = PrismaAdapter::new(database.pool.clone()).await.unwrap();
    assert_eq!(read(&adapter, "role").await, json!("NEW"));
    write(&adapter, "role", json!("super-admin")).await.unwrap();
    assert_eq!(kind(write(&adapter, "role", json!("ROOT")).await), Kind::InvalidAttribute);
}

#[tokio::test]
async fn generated_columns_are_read_and_not_written() {
    let sql = r#"
        CREATE TABLE "User" ("id" TEXT PRIMARY KEY, "name" TEXT, "upper" TEXT GENERATED ALWAYS AS (upper("name")) STORED,
            "number" INTEGER GENERATED ALWAYS AS IDENTITY, "serial" SERIAL NOT NULL, "meta" JSONB NOT NULL);
        CREATE TABLE "Session" ("id" TEXT PRIMARY KEY, "user_id" TEXT, "active_expires" BIGINT, "idle_expires" BIGINT);
        CREATE TABLE "Key" ("id" TEXT PRIMARY KEY, "user_id" TEXT, "hashed_password" TEXT)"#;
    let database = Database::from_sql(sql, PrismaConfig::default()).await;
    let ada = Attributes::from([("name", json!("ada")), ("meta", json!(null))]);
    database.set_user(&UserSchema::new("u1").with_attributes(ada).unwrap(), None).await.unwrap();
    let read = database.get_user(&"u1".into()).await.unwrap().unwrap();
    let expected = json!({"name": "ada", "upper": "ADA", "number": 1, "serial": 1, "meta": null});
    assert_eq!(
        read.attributes()
            .iter()
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect::<serde_json::Map<_, _>>(),
        *expected.as_object().unwrap()
    );
    assert_eq!(text(&database.pool, r#"SELECT "meta"::text FROM "User""#).await.as_deref(), Some("null"));
    for name in ["upper", "number"] {
        let error = database
            .update_user(&"u1".into(), &UserUpdate::default().with_attributes(one(name, 7)).unwrap())
            .await
            .unwrap_err();
        assert_eq!((error.kind(), error.attribute()), (Kind::InvalidAttribute, Some(name)));
    }
    database
        .update_user(&"u1".into(), &UserUpdate::default().with_attributes(one("serial", 7)).unwrap())
        .await
        .unwrap();
}

#[tokio::test]
async fn declared_attributes_have_the_columns_that_prisma_makes() {
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
    let role = || Attribute::enumeration(["USER", "ADMIN"]).label("SUPER", "super-admin").named("Role");
    let users = users.attribute("role", role()).attribute("role_opt", role().optional());
    let database = Database::create(PrismaConfig::default().user(users)).await;
    let sql =
        "SELECT string_agg(column_name || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY ordinal_position)
        FROM information_schema.columns JOIN pg_attribute AS a ON a.attname = column_name
        AND a.attrelid = (quote_ident(table_schema) || '.' || quote_ident(table_name))::regclass
        WHERE table_schema = current_schema() AND table_name = 'User'";
    let expected = "id text, int integer, big bigint, float double precision, flag boolean, \
        time timestamp(3) without time zone, json jsonb, bytes bytea, price numeric(65,30), role \"Role\", role_opt \"Role\"";
    assert_eq!(text(&database.pool, sql).await.as_deref(), Some(expected));
}

#[tokio::test]
async fn json_nested_too_deeply_is_read_and_not_written() {
    json_beyond_the_depth_limit_is_read_but_not_written(&Database::create(with_json()).await).await;
}

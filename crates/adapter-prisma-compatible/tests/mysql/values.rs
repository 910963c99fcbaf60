//! Tests of the values that each type of column accepts, returns and rejects.

use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, Table};
use lucia_core::{AdapterErrorKind as Kind, Attributes, SessionAdapter, UserAdapter, UserSchema, UserUpdate};
use serde_json::json;

use crate::{
    shared::values::{
        assert_omitted_from_lists, assert_only_their_row_fails, assert_rejected, assert_round_trip,
        json_beyond_the_depth_limit_is_read_but_not_written, of_every_type, read, share_a_statement, with_json, write,
    },
    support::{Database, Scratch, key, kind, one, run, session, single, text},
};

/// Every scalar type of Prisma, and every native type of MySQL that a field can have.
const TABLES: &str = "
    CREATE TABLE `User` (`id` VARCHAR(191) PRIMARY KEY,
        `string` VARCHAR(191), `int` INTEGER, `big` BIGINT, `float` DOUBLE, `flag` BOOLEAN, `time` DATETIME(3), `json` JSON,
        `bytes` LONGBLOB, `price` DECIMAL(65, 30), `role` ENUM('USER', 'super-admin'),
        `short` VARCHAR(5), `char` CHAR(5), `text` TEXT, `long` LONGTEXT, `tiny` TINYINT, `small` SMALLINT,
        `medium` MEDIUMINT, `unsigned` INTEGER UNSIGNED, `big_unsigned` BIGINT UNSIGNED, `year` YEAR, `bit` BIT(1),
        `single` FLOAT, `decimal` DECIMAL(10, 2), `micros` DATETIME(6), `seconds` DATETIME(0),
        `stamp` TIMESTAMP(3) NULL, `date` DATE, `clock` TIME(3), `binary` BINARY(4), `varbinary` VARBINARY(4), `blob` BLOB,
        `binary_text` VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
        DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    CREATE TABLE `Session` (`id` VARCHAR(191) PRIMARY KEY, `user_id` VARCHAR(191), `active_expires` BIGINT UNSIGNED,
        `idle_expires` BIGINT UNSIGNED, `seen` DATETIME(3)) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    CREATE TABLE `Key` (`id` VARCHAR(191) PRIMARY KEY, `user_id` VARCHAR(191), `hashed_password` VARCHAR(191))
        DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    INSERT INTO `User` (`id`) VALUES ('u1'), ('u2')";

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
    let time = "2023-07-06T05:04:03.021Z";
    let cases = [
        ("string", json!("'ü' \\ 😀"), json!("'ü' \\ 😀"), "'ü' \\ 😀"),
        ("string", json!("a\u{0}b "), json!("a\u{0}b "), "a\u{0}b "),
        ("int", json!(-5), json!(-5), "-5"),
        ("int", json!(5.0), json!(5), "5"),
        ("int", json!(i32::MIN), json!(i32::MIN), "-2147483648"),
        ("big", json!(i64::MAX), json!(i64::MAX), "9223372036854775807"),
        ("big", json!(i64::MIN), json!(i64::MIN), "-9223372036854775808"),
        ("float", json!(3), json!(3.0), "3"),
        ("float", json!(0.1), json!(0.1), "0.1"),
        ("float", json!(-1.5e-300), json!(-1.5e-300), "-1.5e-300"),
        ("flag", json!(true), json!(true), "1"),
        ("flag", json!(false), json!(false), "0"),
        ("time", json!("2023-07-06T07:04:03.0219+02:00"), json!(time), "2023-07-06 05:04:03.021"),
        ("time", json!(1_688_619_843_021_i64), json!(time), "2023-07-06 05:04:03.021"),
        ("time", json!(-1), json!("1969-12-31T23:59:59.999Z"), "1969-12-31 23:59:59.999"),
        ("time", json!("9999-12-31T23:59:59.999Z"), json!("9999-12-31T23:59:59.999Z"), "9999-12-31 23:59:59.999"),
        ("bytes", json!([0, 255]), json!([0, 255]), "00FF"),
        ("bytes", json!([]), json!([]), ""),
        ("price", json!("1.10"), json!("1.1"), "1.100000000000000000000000000000"),
        (
            "price",
            json!("12345678901234567890123456789012345.123456789012345678901234567891"),
            json!("12345678901234567890123456789012345.123456789012345678901234567891"),
            "12345678901234567890123456789012345.123456789012345678901234567891",
        ),
        ("price", json!(2.50), json!("2.5"), "2.500000000000000000000000000000"),
        ("price", json!("-100"), json!("-100"), "-100.000000000000000000000000000000"),
        ("role", json!("SUPER"), json!("SUPER"), "super-admin"),
        ("short", json!("ééééé"), json!("ééééé"), "ééééé"),
        ("short", json!("a "), json!("a "), "a "),
        ("char", json!(" ab"), json!(" ab"), " ab"),
        ("text", json!("ü"), json!("ü"), "ü"),
        ("long", json!("日本"), json!("日本"), "日本"),
        ("binary_text", json!("Ä"), json!("Ä"), "Ä"),
        ("tiny", json!(-128), json!(-128), "-128"),
        ("small", json!(32_767), json!(32_767), "32767"),
        ("medium", json!(-8_388_608), json!(-8_388_608), "-8388608"),
        ("unsigned", json!(u32::MAX), json!(u32::MAX), "4294967295"),
        ("big_unsigned", json!(i64::MAX), json!(i64::MAX), "9223372036854775807"),
        ("year", json!(2155), json!(2155), "2155"),
        ("single", json!(0.1), json!(0.1), "0.1"),
        ("decimal", json!("-99999999.99"), json!("-99999999.99"), "-99999999.99"),
        ("micros", json!(time), json!(time), "2023-07-06 05:04:03.021000"),
        ("seconds", json!("2023-07-06T05:04:03Z"), json!("2023-07-06T05:04:03.000Z"), "2023-07-06 05:04:03"),
        ("stamp", json!(time), json!(time), "2023-07-06 05:04:03.021"),
        ("date", json!("2023-07-06T00:00:00Z"), json!("2023-07-06T00:00:00.000Z"), "2023-07-06"),
        ("clock", json!("1970-01-01T05:04:03.021Z"), json!("1970-01-01T05:04:03.021Z"), "05:04:03.021"),
        ("binary", json!([1, 2, 3, 0]), json!([1, 2, 3, 0]), "01020300"),
        ("varbinary", json!([1]), json!([1]), "01"),
        ("blob", json!([1, 255]), json!([1, 255]), "01FF"),
    ];
    let adapters = [&database.adapter];
    assert_round_trip(&database, &adapters, &cases, |name| match name {
        "bytes" | "binary" | "varbinary" | "blob" => format!("HEX(`{name}`)"),
        _ => format!("CAST(`{name}` AS CHAR)"),
    })
    .await;
    for bit in [true, false] {
        write(&database.adapter, "bit", json!(bit)).await.unwrap();
        assert_eq!(read(&database.adapter, "bit").await, json!(bit));
    }
}

/// MySQL sorts the members of objects and reformats numbers; MariaDB keeps the text.
#[tokio::test]
async fn json_is_stored_as_json() {
    let database = with_users().await;
    for value in [
        json!({"z": [1, null, "é"], "a": {}}),
        json!("12"),
        json!(12),
        json!(1.5),
        json!(false),
        json!(u64::MAX),
        json!("a\u{0}b"),
        json!([[]]),
        json!(""),
    ] {
        write(&database.adapter, "json", value.clone()).await.unwrap();
        assert_eq!(read(&database.adapter, "json").await, value);
        let kind = text(&database.pool, "SELECT CAST(JSON_VALID(`json`) AS CHAR) FROM `User` WHERE `id` = 'u1'").await;
        assert_eq!(kind.as_deref(), Some("1"));
    }
}

#[tokio::test]
async fn unsupported_values_are_rejected_by_name_and_change_nothing() {
    let database = with_users().await;
    let cases = [
        ("string", json!(1)),
        ("string", json!("x".repeat(192))),
        ("int", json!("1")),
        ("int", json!(1.5)),
        ("int", json!(2_147_483_648_i64)),
        ("big", json!(u64::MAX)),
        ("float", json!("1.5")),
        ("float", json!(9_007_199_254_740_993_i64)),
        ("flag", json!(1)),
        ("time", json!("2023-07-06 05:04:03")),
        ("time", json!("hunter2")),
        ("time", json!(i64::MAX)),
        ("bytes", json!([256])),
        ("bytes", json!("AAEC")),
        ("price", json!("0.1234567890123456789012345678901")),
        ("price", json!("1e36")),
        ("price", json!("NaN")),
        ("role", json!("super-admin")),
        ("role", json!("user")),
        ("short", json!("abcdef")),
        ("short", json!("abcde ")),
        ("char", json!("ab ")),
        ("tiny", json!(128)),
        ("small", json!(-32_769)),
        ("medium", json!(8_388_608)),
        ("unsigned", json!(-1)),
        ("big_unsigned", json!(-1)),
        ("year", json!(70)),
        ("year", json!(2156)),
        ("bit", json!(1)),
        ("single", json!(0.123_456_789)),
        ("decimal", json!("0.001")),
        ("decimal", json!("100000000")),
        ("seconds", json!("2023-07-06T05:04:03.021Z")),
        ("date", json!("2023-07-06T05:04:03Z")),
        ("clock", json!("2023-07-06T05:04:03Z")),
        ("binary", json!([1, 2, 3])),
        ("varbinary", json!([1, 2, 3, 4, 5])),
    ];
    assert_rejected(&database, &cases, "text").await;
    let before = database.get_user(&"u1".into()).await.unwrap();
    // Checked by the server only.
    for (name, value) in [
        ("time", json!("-0001-01-01T00:00:00Z")),
        ("stamp", json!("1960-01-01T00:00:00Z")),
        ("text", json!("é".repeat(40_000))),
    ] {
        let error = write(&database.adapter, name, value).await.unwrap_err();
        assert_eq!((error.kind(), error.attribute()), (Kind::InvalidAttribute, Some(name)), "{error:?}");
    }
    assert_eq!(database.get_user(&"u1".into()).await.unwrap(), before);
}

#[tokio::test]
async fn one_prepared_statement_accepts_every_value_even_after_null() {
    let database = with_users().await;
    let single = single(&database.scratch).await;
    share_a_statement(&PrismaAdapter::with_config(single, every_type()).await.unwrap(), &of_every_type()).await;
}

/// Booleans are read as by the driver adapter of Prisma.
#[tokio::test]
async fn one_is_true_and_other_numbers_are_not() {
    let database = with_users().await;
    for (stored, expected) in [(1, true), (0, false), (2, false), (-1, false), (127, false)] {
        run(&database.pool, &format!("UPDATE `User` SET `flag` = {stored}")).await;
        assert_eq!(read(&database.adapter, "flag").await, json!(expected), "{stored}");
    }
}

#[tokio::test]
async fn an_unsupported_value_fails_only_its_row() {
    let database = with_users().await;
    let cases = [
        ("time", "'0000-00-00 00:00:00'"),
        ("date", "'0000-00-00'"),
        ("time", "'2023-00-00 00:00:00'"),
        ("clock", "'25:00:00'"),
        ("clock", "'-01:00:00'"),
        ("big_unsigned", "18446744073709551615"),
        ("role", "''"),
    ];
    assert_only_their_row_fails(&database, &cases, "SET SESSION sql_mode = ''; ").await;
    let rows = "INSERT INTO `Session` VALUES ('s1', 'u1', 1, 18446744073709551615, NULL), ('s2', 'u1', 1, 2, NULL)";
    run(&database.pool, rows).await;
    assert_omitted_from_lists(&database, &["s1"], "s2").await;
}

#[tokio::test]
async fn generated_columns_are_read_and_not_written() {
    let sql = "
        CREATE TABLE `User` (`id` VARCHAR(191) PRIMARY KEY, `name` VARCHAR(191), `meta` JSON NOT NULL,
            `upper` VARCHAR(191) GENERATED ALWAYS AS (UPPER(`name`)) STORED, `number` INTEGER NOT NULL AUTO_INCREMENT UNIQUE,
            `made` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), `kind` VARCHAR(20) NOT NULL DEFAULT 'plain');
        CREATE TABLE `Session` (`id` VARCHAR(191) PRIMARY KEY, `user_id` VARCHAR(191), `active_expires` BIGINT, `idle_expires` BIGINT);
        CREATE TABLE `Key` (`id` VARCHAR(191) PRIMARY KEY, `user_id` VARCHAR(191), `hashed_password` VARCHAR(191))";
    let database = Database::from_sql(sql, PrismaConfig::default()).await;
    let ada = Attributes::from([("name", json!("ada")), ("meta", json!(null))]);
    database.set_user(&UserSchema::new("u1").with_attributes(ada).unwrap(), Some(&key("p:k", "u1"))).await.unwrap();
    let read = database.get_user(&"u1".into()).await.unwrap().unwrap();
    for (name, value) in
        [("upper", json!("ADA")), ("number", json!(1)), ("kind", json!("plain")), ("meta", json!(null))]
    {
        assert_eq!(read.attributes().get(name), Some(&value), "{name}");
    }
    assert!(read.attributes().get("made").unwrap().is_string());
    let meta = "SELECT CAST(`meta` AS CHAR) FROM `User`";
    assert_eq!(text(&database.pool, meta).await.as_deref(), Some("null"), "Prisma's JsonNull in a required column");
    let error = database
        .update_user(&"u1".into(), &UserUpdate::default().with_attributes(one("upper", "X")).unwrap())
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.attribute()), (Kind::InvalidAttribute, Some("upper")));
}

/// A column of fixed width strips trailing spaces of ids, and another character set has other bytes.
#[tokio::test]
async fn ids_in_columns_of_other_types_are_distinct() {
    for column in [
        "CHAR(64)",
        "VARCHAR(64) CHARACTER SET latin1",
        "VARCHAR(64) CHARACTER SET utf8mb3",
        "VARCHAR(64) COLLATE utf8mb4_bin",
    ] {
        let sql = format!(
            "CREATE TABLE `User` (`id` {column} PRIMARY KEY);
             CREATE TABLE `Session` (`id` {column} PRIMARY KEY, `user_id` {column}, `active_expires` BIGINT, `idle_expires` BIGINT);
             CREATE TABLE `Key` (`id` {column} PRIMARY KEY, `user_id` {column}, `hashed_password` VARCHAR(191))"
        );
        let database = Database::from_sql(&sql, PrismaConfig::default()).await;
        database.set_user(&UserSchema::new("é"), Some(&key("p:é", "é"))).await.unwrap();
        database.set_session(&session("é", "é")).await.unwrap();
        for id in ["é ", "e", "É", "e\u{301}"] {
            assert_eq!(database.get_user(&id.into()).await.unwrap(), None, "{column}");
            assert_eq!(database.get_session(&id.into()).await.unwrap(), None, "{column}");
            database.delete_user(&id.into()).await.unwrap();
        }
        assert!(database.get_session(&"é".into()).await.unwrap().is_some(), "{column}");
        assert_eq!(database.get_keys_by_user_id(&"é".into()).await.unwrap().len(), 1, "{column}");
        let rejected = kind(database.set_session(&session("a ".repeat(3).as_str(), "nobody")).await);
        assert!(matches!(rejected, Kind::UnsupportedId | Kind::InvalidUserId), "{column}");
        if column.starts_with("CHAR") {
            assert_eq!(kind(database.set_session(&session("a ", "é")).await), Kind::UnsupportedId);
        }
        if column.contains("latin1") {
            assert_eq!(database.get_session(&"日".into()).await.unwrap(), None);
            assert_eq!(kind(database.set_session(&session("日", "é")).await), Kind::UnsupportedId);
        }
    }
}

/// The servers nest JSON no deeper than attributes may be; text with JSON is not limited.
#[tokio::test]
async fn json_nested_too_deeply_is_read_and_not_written() {
    let scratch = Scratch::create().await;
    with_json().create_tables(&scratch.pool).await.unwrap();
    run(&scratch.pool, "ALTER TABLE `User` MODIFY `json` LONGTEXT; ALTER TABLE `Session` MODIFY `json` LONGTEXT").await;
    json_beyond_the_depth_limit_is_read_but_not_written(&Database::on(scratch, with_json()).await).await;
}

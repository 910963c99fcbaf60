use adapter_cloudflare_d1::{Attribute, AttributeType, D1Config, D1Error, D1UserAdapter, DateTimeFormat, Table};
use adapter_tests::BoxError;
use lucia_core::{
    AdapterErrorKind as Kind, Attributes, KeyId, KeySchema, UserAdapter as _, UserId, UserSchema, UserUpdate,
};
use serde_json::{Value, json};
use worker::Env;

use crate::check::{Check, CheckResult, ensure, ensure_eq, ensure_fails};

pub(crate) const CHECKS: &[Check] = &[
    Check("d1_attributes_of_every_type_survive", |env| Box::pin(every_type(env))),
    Check("d1_attributes_are_stored_as_prisma_does", |env| Box::pin(storage_classes(env))),
    Check("d1_times_in_milliseconds_are_read", |env| Box::pin(millisecond_times(env))),
    Check("d1_columns_have_their_defaults", |env| Box::pin(defaults(env))),
    Check("d1_bad_attributes_are_named", |env| Box::pin(bad_attributes(env))),
    Check("p3_a_dangling_reference_blames_no_user", |env| Box::pin(dangling_reference(env))),
    Check("p2_a_user_that_is_there_is_told_from_its_attributes", |env| Box::pin(duplicates(env))),
    Check("d1_values_of_another_type_are_not_read", |env| Box::pin(foreign_values(env))),
    Check("d1_json_that_others_nest_deeper_is_read", |env| Box::pin(deep_json(env))),
    Check("d1_names_have_no_case", |env| Box::pin(names_in_another_case(env))),
    Check("d1_a_missing_table_is_a_failure", |env| Box::pin(missing_table(env))),
];

/// Opens tables under names of their own. Their columns are those of `attributes` and `further`.
async fn open(env: &Env, name: &str, further: &str) -> Result<D1UserAdapter, BoxError> {
    let database = env.d1("DB")?;
    let (users, keys) = (format!("{name}_user"), format!("{name}_key"));
    let tables = [
        format!(
            r#"CREATE TABLE "{users}" ("id" TEXT NOT NULL PRIMARY KEY, "name" TEXT NOT NULL DEFAULT 'nobody', "visits" BIGINT, "score" REAL, "admin" BOOLEAN, "data" JSONB, "joined" DATETIME, "photo" BLOB, "credit" DECIMAL{further})"#
        ),
        format!(
            r#"CREATE TABLE "{keys}" ("id" TEXT NOT NULL PRIMARY KEY, "hashed_password" TEXT, "user_id" TEXT NOT NULL)"#
        ),
        format!(r#"CREATE UNIQUE INDEX "{name}_unique" ON "{users}"("name")"#),
    ];
    database.batch(tables.iter().map(|sql| database.prepare(sql)).collect()).await?;
    let optional = |kind| Attribute::new(kind).optional();
    let users = Table::named(users)
        .attribute("name", Attribute::string().default_value("nobody"))
        .attribute("visits", optional(AttributeType::BigInt))
        .attribute("score", optional(AttributeType::Float))
        .attribute("admin", optional(AttributeType::Boolean))
        .attribute("data", optional(AttributeType::Json))
        .attribute("joined", optional(AttributeType::DateTime))
        .attribute("photo", optional(AttributeType::Bytes))
        .attribute("credit", optional(AttributeType::Decimal));
    let config = D1Config::default().user(users).key(Table::named(keys));
    Ok(D1UserAdapter::with_config(env.d1("DB")?, config).await?)
}

fn user(id: &str, attributes: &Value) -> Result<UserSchema, BoxError> {
    Ok(UserSchema::new(id).with_attributes(Attributes::from_serialize(attributes)?)?)
}

async fn millisecond_times(env: Env) -> CheckResult {
    let users = Table::named("millis_user").attribute("joined", Attribute::new(AttributeType::DateTime));
    let config = D1Config::default().user(users).key(Table::named("millis_key"));
    let config = config.date_time_format(DateTimeFormat::UnixEpochMillis);
    let database = env.d1("DB")?;
    config.create_user_tables(&database).await?;
    let adapter = D1UserAdapter::with_config(database, config).await?;
    let attributes = json!({"joined": "2023-07-06T05:04:03.021Z"});
    adapter.set_user(&user("u1", &attributes)?, None).await?;
    let class = r#"SELECT typeof("joined") AS class FROM "millis_user""#;
    let class = env.d1("DB")?.prepare(class).first::<String>(Some("class")).await?;
    ensure_eq(&class.as_deref(), &Some("integer"), "the storage class of the time")?;
    let found = adapter.get_user(&UserId::new("u1")).await?;
    ensure_eq(&found.map(|user| json!(user.attributes())), &Some(attributes), "the user")
}

async fn every_type(env: Env) -> CheckResult {
    let users = open(&env, "every_type", "").await?;
    let data = json!({"b": [1, 2.5, "é", null, {"z": true}], "a": {}});
    let values = [
        json!({"name": "ada", "visits": i64::MAX, "score": 0.1, "admin": true, "data": data,
            "joined": "2023-07-06T05:04:03.021Z", "photo": [0, 127, 255], "credit": "1.5"}),
        json!({"name": "bob", "visits": i64::MIN, "score": -1e300, "admin": false, "data": "text",
            "joined": "1969-12-31T23:59:59.999Z", "photo": [], "credit": "9223372036854775807"}),
        json!({"name": "", "visits": (1_i64 << 53) + 1, "score": 5e-324, "admin": null, "data": 9_007_199_254_740_993_i64,
            "joined": null, "photo": null, "credit": "-100"}),
        json!({"name": "\u{1f600}\u{0}x", "visits": null, "score": null, "admin": null, "data": null,
            "joined": null, "photo": null, "credit": null}),
        json!({"name": "1", "visits": 0, "score": 2.0, "admin": true, "data": [[]],
            "joined": "9999-12-31T23:59:59.999Z", "photo": [1], "credit": "0"}),
    ];
    for (index, attributes) in values.into_iter().enumerate() {
        let user = user(&format!("u{index}"), &attributes)?;
        users.set_user(&user, None).await?;
        let found = users.get_user(&user.id).await?;
        ensure_eq(&found.map(|user| json!(user.attributes())), &Some(attributes), "a new user")?;
    }
    let update = UserUpdate::default()
        .with_attributes(Attributes::from([("visits", json!(-(1_i64 << 60) - 1)), ("data", json!({"n": 1}))]))?;
    users.update_user(&UserId::new("u0"), &update).await?;
    let found = users.get_user(&UserId::new("u0")).await?.ok_or("the user is gone")?;
    let expected = json!({"name": "ada", "visits": -(1_i64 << 60) - 1, "score": 0.1, "admin": true, "data": {"n": 1},
        "joined": "2023-07-06T05:04:03.021Z", "photo": [0, 127, 255], "credit": "1.5"});
    ensure_eq(&json!(found.attributes()), &expected, "an updated user")
}

async fn storage_classes(env: Env) -> CheckResult {
    let users = open(&env, "classes", "").await?;
    let attributes = json!({"name": "ada", "visits": i64::MAX, "score": 2.0, "admin": true, "data": {"a": [1]},
        "joined": "2023-07-06T05:04:03.021Z", "photo": [0], "credit": "7"});
    users.set_user(&user("u1", &attributes)?, None).await?;
    let columns = ["name", "visits", "score", "admin", "data", "joined", "photo", "credit"];
    let classes = columns.map(|column| format!(r#"typeof("{column}") AS "{column}""#)).join(", ");
    let sql = format!(r#"SELECT {classes}, "data" AS "json", "joined" AS "time" FROM "classes_user""#);
    let row = env.d1("DB")?.prepare(sql).first::<Value>(None).await?;
    let expected = json!({"name": "text", "visits": "integer", "score": "real", "admin": "integer", "data": "text",
        "joined": "text", "photo": "blob", "credit": "integer",
        "json": "{\"a\":[1]}", "time": "2023-07-06T05:04:03.021+00:00"});
    ensure_eq(&row, &Some(expected), "storage classes")
}

async fn defaults(env: Env) -> CheckResult {
    let users = open(&env, "defaults", r#", "created" TEXT NOT NULL DEFAULT 'then'"#).await?;
    users.set_user(&user("u1", &json!({"visits": 1}))?, None).await?;
    let found = users.get_user(&UserId::new("u1")).await?.ok_or("no user")?;
    let expected = json!({"name": "nobody", "visits": 1, "score": null, "admin": null, "data": null,
        "joined": null, "photo": null, "credit": null});
    ensure_eq(&json!(found.attributes()), &expected, "attributes")
}

async fn bad_attributes(env: Env) -> CheckResult {
    let users = open(&env, "bad", r#", "age" INTEGER CHECK ("age" > 0)"#).await?;
    for (attributes, name) in [
        (json!({"nick": "x"}), "nick"),
        (json!({"name\" = 'x' --": "x"}), "name\" = 'x' --"),
        (json!({"name": null}), "name"),
        (json!({"name": 1}), "name"),
        (json!({"visits": "1"}), "visits"),
        (json!({"visits": u64::MAX}), "visits"),
        (json!({"score": "1"}), "score"),
        (json!({"admin": 1}), "admin"),
    ] {
        let set = users.set_user(&user("u1", &attributes)?, None).await;
        ensure_fails(set, Kind::InvalidAttribute, Some(name), &attributes.to_string())?;
        ensure_eq(&users.get_user(&UserId::new("u1")).await?, &None, "nothing is stored")?;
    }
    users.set_user(&user("u1", &json!({"name": "ada"}))?, None).await?;
    let update = UserUpdate::default().with_attributes(Attributes::from([("name", Value::Null)]))?;
    ensure_fails(
        users.update_user(&UserId::new("u1"), &update).await,
        Kind::InvalidAttribute,
        Some("name"),
        "an update",
    )
}

async fn dangling_reference(env: Env) -> CheckResult {
    let further = r#", "boss" TEXT DEFAULT 'none' REFERENCES "reference_user" ("id")"#;
    let users = open(&env, "reference", further).await?;
    let set = users.set_user(&user("u1", &json!({"name": "ada"}))?, None).await;
    ensure_fails(set, Kind::InvalidAttribute, None, "a column that refers to nobody")
}

async fn duplicates(env: Env) -> CheckResult {
    let users = open(&env, "duplicates", "").await?;
    let key = KeySchema::new(KeyId::new("username", "ada")?, "u1");
    let ada = user("u1", &json!({"name": "ada"}))?;
    users.set_user(&ada, Some(&key)).await?;
    ensure_fails(users.set_user(&ada, Some(&key)).await, Kind::DuplicateUserId, None, "the same user")?;
    let other = user("u2", &json!({"name": "ada"}))?;
    ensure_fails(users.set_user(&other, None).await, Kind::DuplicateAttribute, Some("name"), "the same name")?;
    let other = user("u2", &json!({"name": "bob"}))?;
    let taken = KeySchema::new(key.id.clone(), "u2");
    ensure_fails(users.set_user(&other, Some(&taken)).await, Kind::DuplicateKeyId, None, "the same key")?;
    ensure_eq(&users.get_user(&other.id).await?, &None, "the user of a refused key")
}

/// SQLite finds tables and columns in any case, and names them as they were made.
async fn names_in_another_case(env: Env) -> CheckResult {
    open(&env, "cased", "").await?;
    let users = Table::named("CASED_USER").attribute("NAME", Attribute::string());
    let config = D1Config::default().user(users).key(Table::named("Cased_Key"));
    let users = D1UserAdapter::with_config(env.d1("DB")?, config).await?;
    let key = KeySchema::new(KeyId::new("username", "ada")?, "u1");
    let ada = user("u1", &json!({"NAME": "ada"}))?;
    users.set_user(&ada, Some(&key)).await?;
    ensure_fails(users.set_user(&ada, None).await, Kind::DuplicateUserId, None, "the same user")?;
    ensure_fails(users.set_key(&key).await, Kind::DuplicateKeyId, None, "the same key")?;
    let other = user("u2", &json!({"NAME": "ada"}))?;
    ensure_fails(users.set_user(&other, None).await, Kind::DuplicateAttribute, Some("NAME"), "the same name")
}

async fn foreign_values(env: Env) -> CheckResult {
    let users = open(&env, "foreign", "").await?;
    let insert = r#"INSERT INTO "foreign_user" ("id", "name", "visits", "admin", "data") VALUES "#;
    let rows = [
        ("number", "visits", r#"('number', 'a', 'many', NULL, NULL)"#),
        ("flag", "admin", r#"('flag', 'b', NULL, 2, NULL)"#),
        ("json", "data", r#"('json', 'c', NULL, NULL, '{')"#),
        ("bytes", "name", r#"('bytes', x'00ff', NULL, NULL, NULL)"#),
    ];
    for (id, attribute, row) in rows {
        env.d1("DB")?.prepare(format!("{insert}{row}")).run().await?;
        ensure_fails(users.get_user(&UserId::new(id)).await, Kind::Decode, Some(attribute), id)?;
    }
    Ok(())
}

/// JSON that another writer has nested deeper than an attribute may be written.
async fn deep_json(env: Env) -> CheckResult {
    let users = open(&env, "deep", "").await?;
    for levels in [100, 101, 127] {
        let (id, json) = (format!("u{levels}"), format!("{}{}", "[".repeat(levels), "]".repeat(levels)));
        let insert = format!(r#"INSERT INTO "deep_user" ("id", "name", "data") VALUES ('{id}', '{id}', '{json}')"#);
        env.d1("DB")?.prepare(insert).run().await?;
        let found = users.get_user(&UserId::new(id)).await?.ok_or("the user is gone")?;
        ensure_eq(&found.attributes().get("data").map(ToString::to_string), &Some(json), "nested JSON")?;
        let written = UserUpdate::default().with_attributes(found.attributes().clone());
        ensure_eq(&written.is_ok(), &(levels == 100), "whether it may be written")?;
    }
    Ok(())
}

async fn missing_table(env: Env) -> CheckResult {
    let users = D1UserAdapter::with_config(env.d1("DB")?, D1Config::default().user(Table::named("missing"))).await?;
    let Err(error) = users.get_user(&UserId::new("u1")).await else {
        return Err("a table that is not there was read".into());
    };
    ensure_eq(&error.kind(), &Kind::Backend, "the kind")?;
    let cause = error.downcast_ref::<D1Error>().map(ToString::to_string).unwrap_or_default();
    ensure(cause.contains("no such table: missing"), cause)
}

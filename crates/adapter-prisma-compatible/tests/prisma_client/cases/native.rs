//! Cases of columns with native types: Prisma's `@db.…`.

use adapter_prisma_compatible::{Attribute, AttributeType as Kind, PrismaConfig, Table};
use lucia_core::{Attributes, UserAdapter as _, UserSchema};
use serde_json::{Map, Value, json};

use super::reading::assert_same;
use crate::{
    database::Database,
    provider::Provider,
    values::{from_client, to_client},
};

/// A field of the model `Native`, the type of its column, and two values.
type Field = (&'static str, Kind, &'static str, [Value; 2]);

fn postgres() -> Vec<Field> {
    vec![
        ("varchar", Kind::String, "VARCHAR(255)", [json!("é"), json!("")]),
        ("char", Kind::String, "CHAR(5)", [json!("abcde"), json!("é 😀 x")]),
        ("text", Kind::String, "TEXT", [json!("é"), json!("")]),
        (
            "uuid",
            Kind::String,
            "UUID",
            [json!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), json!("00000000-0000-0000-0000-000000000000")],
        ),
        (
            "timestamptz",
            Kind::DateTime,
            "TIMESTAMPTZ(6)",
            [json!("2023-07-06T05:04:03.021Z"), json!("1969-12-31T23:59:59.999Z")],
        ),
        (
            "timestamp0",
            Kind::DateTime,
            "TIMESTAMP(0)",
            [json!("2023-07-06T05:04:03.000Z"), json!("1969-12-31T23:59:59.000Z")],
        ),
        ("date", Kind::DateTime, "DATE", [json!("2023-07-06T00:00:00.000Z"), json!("1969-12-31T00:00:00.000Z")]),
        ("time", Kind::DateTime, "TIME(3)", [json!("1970-01-01T05:04:03.021Z"), json!("1970-01-01T23:59:59.999Z")]),
        ("json", Kind::Json, "JSON", [json!({"z": 1, "a": [1.5, null]}), json!("x")]),
        ("smallint", Kind::Int, "SMALLINT", [json!(-32768), json!(32767)]),
        ("oid", Kind::Int, "OID", [json!(0), json!(i32::MAX)]),
        ("real", Kind::Float, "REAL", [json!(1.5), json!(0.1)]),
        ("decimal", Kind::Decimal, "DECIMAL(10,2)", [json!("-12345678.25"), json!("0.5")]),
        ("money", Kind::Decimal, "MONEY", [json!("12.5"), json!("-1000.25")]),
        ("inet", Kind::String, "INET", [json!("10.0.0.1"), json!("fe80::1/64")]),
        ("xml", Kind::String, "XML", [json!("<a b=\"c\">é</a>"), json!("text")]),
    ]
}

fn mysql() -> Vec<Field> {
    vec![
        ("varchar", Kind::String, "VARCHAR(255)", [json!("é"), json!("")]),
        ("char", Kind::String, "CHAR(5)", [json!("abcde"), json!("é")]),
        ("text", Kind::String, "TEXT", [json!("é"), json!("")]),
        ("longtext", Kind::String, "LONGTEXT", [json!("é"), json!("")]),
        (
            "datetime0",
            Kind::DateTime,
            "DATETIME(0)",
            [json!("2023-07-06T05:04:03.000Z"), json!("1969-12-31T23:59:59.000Z")],
        ),
        (
            "datetime6",
            Kind::DateTime,
            "DATETIME(6)",
            [json!("2023-07-06T05:04:03.021Z"), json!("1969-12-31T23:59:59.999Z")],
        ),
        (
            "timestamp",
            Kind::DateTime,
            "TIMESTAMP(3)",
            [json!("2023-07-06T05:04:03.021Z"), json!("1970-01-02T00:00:00.000Z")],
        ),
        ("date", Kind::DateTime, "DATE", [json!("2023-07-06T00:00:00.000Z"), json!("1969-12-31T00:00:00.000Z")]),
        ("time", Kind::DateTime, "TIME(3)", [json!("1970-01-01T05:04:03.021Z"), json!("1970-01-01T23:59:59.999Z")]),
        ("year", Kind::Int, "YEAR", [json!(2023), json!(1999)]),
        ("tinyint", Kind::Int, "TINYINT", [json!(-128), json!(127)]),
        ("boolean", Kind::Boolean, "BOOLEAN", [json!(true), json!(false)]),
        ("bit", Kind::Boolean, "BIT(1)", [json!(true), json!(false)]),
        ("unsigned", Kind::Int, "INTEGER UNSIGNED", [json!(0), json!(i32::MAX)]),
        ("ubigint", Kind::BigInt, "BIGINT UNSIGNED", [json!(0), json!(i64::MAX)]),
        // The client reads 0.1 as 0.10000000149011612.
        ("float", Kind::Float, "FLOAT", [json!(1.5), json!(-0.25)]),
        ("decimal", Kind::Decimal, "DECIMAL(10, 2)", [json!("-12345678.25"), json!("0.5")]),
        ("binary", Kind::Bytes, "BINARY(4)", [json!([0, 1, 2, 255]), json!([1, 1, 1, 1])]),
        ("varbinary", Kind::Bytes, "VARBINARY(10)", [json!([0, 255]), json!([])]),
        ("mediumblob", Kind::Bytes, "MEDIUMBLOB", [json!([0, 255]), json!([])]),
    ]
}

pub(super) async fn native_types_are_shared(provider: Provider) {
    let fields = match provider {
        Provider::Sqlite(_) => panic!("SQLite has no native types"),
        Provider::Postgres => postgres(),
        Provider::MySql => mysql(),
    };
    let declare =
        |table: Table, (name, kind, sql, _): &Field| table.attribute(*name, Attribute::new(*kind).native_type(*sql));
    let declared = PrismaConfig::default().user(fields.iter().fold(Table::named("Native"), declare));
    let database = Database::with_tables(provider, &declared).await;
    let mut client = database.client();
    // Undeclared columns are attributes, too, of the kind of their type.
    let found = PrismaConfig::default().user(Table::named("Native"));
    for (adapter, who) in [(database.adapter(declared).await, "declared"), (database.adapter(found).await, "found")] {
        for index in 0..2 {
            let attributes: Attributes =
                fields.iter().map(|(name, _, _, values)| (*name, values[index].clone())).collect();
            let [ours, theirs] = ["ours", "theirs"].map(|side| format!("{who} {index} {side}"));

            let mut row: Map<_, _> = fields
                .iter()
                .map(|(name, kind, _, values)| ((*name).to_owned(), to_client(*kind, false, &values[index])))
                .collect();
            row.insert("id".into(), json!(theirs));
            client.create("native", &row.into());
            let read = adapter.get_user(&theirs.as_str().into()).await.unwrap().unwrap();
            assert_same(read.attributes(), &attributes, &theirs);

            let user = UserSchema::new(ours.as_str()).with_attributes(attributes.clone()).unwrap();
            adapter.set_user(&user, None).await.unwrap();
            let row = client.find("native", &ours).unwrap();
            let read = fields.iter().map(|(name, kind, ..)| (*name, from_client(*kind, &row[*name]))).collect();
            assert_same(&read, &attributes, &ours);

            let stored = database.stored("Native", "id", &format!("{who} {index}")).await;
            assert_eq!(stored[0][1..], stored[1][1..], "{who} {index}");
        }
    }
}

//! Cases of lists, which only Postgres supports.

use adapter_prisma_compatible::{Attribute, AttributeType as Kind, PrismaAdapter, PrismaConfig, Table};
use lucia_core::{Attributes, UserAdapter as _, UserSchema, UserUpdate};
use serde_json::{Map, Value, json};

use super::reading::assert_same;
use crate::{
    client::Client,
    database::Database,
    provider::Provider,
    values::{from_client, to_client},
};

/// A field of the model `Listed`, the type of its column unless it is the default, and the items of a list.
type Field = (&'static str, Kind, Option<&'static str>, Value);

fn fields() -> Vec<Field> {
    vec![
        ("strings", Kind::String, None, json!(["a", "", "b,c", "\"q\" \\ {x} NULL", "null", " é 😀 ", "line\nbreak"])),
        ("ints", Kind::Int, None, json!([1, -2, i32::MAX, i32::MIN, 0])),
        ("bigs", Kind::BigInt, None, json!([i64::MAX, i64::MIN, 9_007_199_254_740_993_i64])),
        ("floats", Kind::Float, None, json!([0.1, 3.0, -1.5e300, 5e-324, 1e21])),
        ("flags", Kind::Boolean, None, json!([true, false, true])),
        ("times", Kind::DateTime, None, json!(["2023-07-06T05:04:03.021Z", "1969-12-31T23:59:59.999Z"])),
        ("jsons", Kind::Json, None, json!([{"a": [1, null, "\"é\\"]}, "x", 12, 1.5, true, [], {}])),
        ("bytes", Kind::Bytes, None, json!([[0, 255], [], [92, 34]])),
        ("decimals", Kind::Decimal, None, json!(["1.5", "-0.000000000000000000000000000001", "100"])),
        ("roles", Kind::String, None, json!(["SUPER", "USER", "USER"])),
        ("uuids", Kind::String, Some("UUID"), json!(["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"])),
        ("dates", Kind::DateTime, Some("DATE"), json!(["2023-07-06T00:00:00.000Z", "1969-12-31T00:00:00.000Z"])),
        ("zoned", Kind::DateTime, Some("TIMESTAMPTZ(3)"), json!(["2023-07-06T05:04:03.021Z"])),
        ("clocks", Kind::DateTime, Some("TIME(3)"), json!(["1970-01-01T05:04:03.021Z", "1970-01-01T23:59:59.999Z"])),
        ("reals", Kind::Float, Some("REAL"), json!([0.1, 1.5])),
        ("numbers", Kind::Decimal, Some("DECIMAL(10,2)"), json!(["-12345678.25", "0.5"])),
        ("inets", Kind::String, Some("INET"), json!(["10.0.0.1", "fe80::1/64"])),
    ]
}

pub(super) fn declared() -> PrismaConfig {
    let declare = |table: Table, (name, kind, native, _): &Field| {
        let attribute = match *name {
            "roles" => Attribute::enumeration(["USER", "ADMIN"]).label("SUPER", "super-admin").named("Role"),
            _ => Attribute::new(*kind),
        };
        let attribute = if *name == "roles" { attribute.map("role_names") } else { attribute };
        table.attribute(*name, native.iter().fold(attribute.list(), |attribute, sql| attribute.native_type(*sql)))
    };
    PrismaConfig::default().user(fields().iter().fold(Table::named("Listed"), declare))
}

/// Returns the attributes, with the items of each list or with empty lists.
fn attributes(empty: bool) -> Attributes {
    fields().into_iter().map(|(name, .., items)| (name, if empty { json!([]) } else { items })).collect()
}

fn row_to_client(attributes: &Attributes) -> Map<String, Value> {
    let field = |(name, kind, ..): &Field| {
        let items = attributes.get(name).unwrap().as_array().unwrap();
        let items = items.iter().map(|item| to_client(*kind, false, item)).collect();
        ((*name).to_owned(), Value::Array(items))
    };
    fields().iter().map(field).collect()
}

fn read_by(client: &mut Client, id: &str) -> Attributes {
    let row = client.find("listed", id).unwrap();
    let field = |(name, kind, ..): Field| {
        let items = row[name].as_array().unwrap().iter().map(|item| from_client(kind, item)).collect();
        (name, Value::Array(items))
    };
    fields().into_iter().map(field).collect()
}

/// Each side reads the rows and updates of the other, and both store the same bytes.
pub(super) async fn lists_are_shared(provider: Provider) {
    let database = Database::with_tables(provider, &declared()).await;
    let mut client = database.client();
    let adapter = database.adapter(declared()).await;
    let stored = async |adapter: &PrismaAdapter, client: &mut Client, round: &str, attributes: &Attributes| {
        let [ours, theirs] = ["ours", "theirs"].map(|side| format!("{round} {side}"));
        for (reader, row) in [(read_by(client, &ours), &ours), (read_by(client, &theirs), &theirs)] {
            assert_same(&reader, attributes, row);
        }
        for row in [&ours, &theirs] {
            let user = adapter.get_user(&row.as_str().into()).await.unwrap().unwrap();
            assert_same(user.attributes(), attributes, row);
        }
        let stored = database.stored("Listed", "id", round).await;
        assert_eq!(stored[0][1..], stored[1][1..], "{round}");
    };
    for (round, empty) in [("full", false), ("empty", true)] {
        let [ours, theirs] = ["ours", "theirs"].map(|side| format!("{round} {side}"));
        let first = attributes(empty);
        adapter.set_user(&UserSchema::new(ours.as_str()).with_attributes(first.clone()).unwrap(), None).await.unwrap();
        let mut row = row_to_client(&first);
        row.insert("id".into(), json!(theirs));
        client.create("listed", &row.into());
        stored(&adapter, &mut client, round, &first).await;

        let second = attributes(!empty);
        adapter
            .update_user(&ours.as_str().into(), &UserUpdate::default().with_attributes(second.clone()).unwrap())
            .await
            .unwrap();
        client.update("listed", &theirs, &row_to_client(&second).into());
        stored(&adapter, &mut client, round, &second).await;
    }

    // Omitted lists are null, which both sides read as empty.
    adapter.set_user(&UserSchema::new("none ours"), None).await.unwrap();
    client.create("listed", &json!({"id": "none theirs"}));
    stored(&adapter, &mut client, "none", &attributes(true)).await;

    // Undeclared columns can be lists, too, with the labels of the database.
    let found = database.adapter(PrismaConfig::default().user(Table::named("Listed"))).await;
    let read = found.get_user(&"empty ours".into()).await.unwrap().unwrap();
    assert_eq!(read.attributes().get("role_names"), Some(&json!(["super-admin", "USER", "USER"])));
    assert_eq!(read.attributes().get("strings"), attributes(false).get("strings"));
}

use adapter_prisma_compatible::{Attribute, AttributeType, PrismaAdapter, PrismaConfig, Table};
use lucia_core::{Attributes, UserAdapter as _, UserSchema, UserUpdate};
use serde_json::json;

use crate::on_postgres;

/// With Diesel, a list is sent as text and read as JSON, as with sqlx.
#[tokio::test]
async fn lists_on_postgres_round_trip() {
    let (pool, _, scratch) = on_postgres().await;
    let list = |kind| Attribute::new(kind).list();
    let users = Table::named("Listed")
        .attribute("tags", list(AttributeType::String))
        .attribute("numbers", list(AttributeType::BigInt))
        .attribute("times", list(AttributeType::DateTime))
        .attribute("roles", Attribute::enumeration(["USER"]).label("SUPER", "super-admin").list());
    let tables = |config: PrismaConfig| config.session(Table::named("ListedSession")).key(Table::named("ListedKey"));
    let config = tables(PrismaConfig::default().user(users));
    config.create_tables(&pool).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool, config).await.unwrap();
    let attributes = Attributes::from([
        ("tags", json!(["a", "b,\"c\"", ""])),
        ("numbers", json!([i64::MIN, i64::MAX])),
        ("times", json!(["2023-07-06T05:04:03.021Z"])),
        ("roles", json!(["SUPER", "USER"])),
    ]);
    let user = UserSchema::new("u1").with_attributes(attributes).unwrap();
    adapter.set_user(&user, None).await.unwrap();
    assert_eq!(adapter.get_user(&user.id).await.unwrap(), Some(user.clone()));
    let none = Attributes::from([("tags", json!(null)), ("roles", json!([]))]);
    adapter.update_user(&user.id, &UserUpdate::default().with_attributes(none).unwrap()).await.unwrap();
    let read = adapter.get_user(&user.id).await.unwrap().unwrap();
    assert_eq!([read.attributes().get("tags"), read.attributes().get("roles")], [Some(&json!([])), Some(&json!([]))]);
    drop(scratch);
}

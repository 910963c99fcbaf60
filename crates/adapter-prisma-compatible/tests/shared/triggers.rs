//! Columns that triggers fill, which triggers of SQLite cannot do.

use adapter_prisma_compatible::{Attribute, AttributeType, PrismaAdapter, Table};
use lucia_core::{AdapterErrorKind as Kind, UserAdapter};
use serde_json::json;

use crate::support::{FILL, Scratch, UNKNOWN_TYPE, config, key, kind, run, sql, user};

/// The column `slug` of users is required, and a trigger of the database fills it.
#[tokio::test]
async fn a_trigger_fills_a_required_column() {
    let scratch = Scratch::create().await;
    config().create_tables(&scratch.pool).await.unwrap();
    run(&scratch.pool, &sql(r#"ALTER TABLE "User" ADD COLUMN "slug" VARCHAR(191) NOT NULL"#)).await;
    run(&scratch.pool, &sql(&format!(r#"ALTER TABLE "User" ADD COLUMN "shape" {UNKNOWN_TYPE} NOT NULL"#))).await;
    run(&scratch.pool, FILL).await;
    let refused = PrismaAdapter::with_config(scratch.pool.clone(), config()).await.unwrap_err().to_string();
    assert!(refused.contains("`shape`") && refused.contains("`Table::filled_by_trigger`"), "{refused}");
    let half = Table::named("User").filled_by_trigger("shape").attribute("age", Attribute::new(AttributeType::BigInt));
    let adapter = PrismaAdapter::with_config(scratch.pool.clone(), config().user(half.clone())).await.unwrap();
    assert_eq!(kind(adapter.set_user(&user("u1"), None).await), Kind::InvalidAttribute, "of the slug nobody said so");

    let users = || half.clone().filled_by_trigger("slug");
    let adapter = PrismaAdapter::with_config(scratch.pool.clone(), config().user(users())).await.unwrap();
    adapter.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
    let read = adapter.get_user(&"u1".into()).await.unwrap().unwrap();
    assert_eq!(read.attributes().get("slug"), Some(&json!("slug of u1")));

    let left_out = users().without_attribute("slug");
    let adapter = PrismaAdapter::with_config(scratch.pool.clone(), config().user(left_out)).await.unwrap();
    adapter.set_user(&user("u2"), None).await.unwrap();
    assert_eq!(adapter.get_user(&"u2".into()).await.unwrap().unwrap().attributes().get("slug"), None);
}

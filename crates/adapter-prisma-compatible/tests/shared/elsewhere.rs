//! Constraints of tables to which triggers write. MariaDB does not report the table of a constraint.

use adapter_prisma_compatible::{ConstraintKind, Refusal};
use lucia_core::{AdapterErrorKind as Kind, AdapterResult, UserAdapter};

use crate::support::{AUDIT, Database, config, count, key, kind, run, user};

/// A trigger of keys writes to the table `audit`, which accepts each user once.
#[tokio::test]
async fn a_unique_violation_in_another_table_is_not_a_duplicate() {
    let refused = |result: AdapterResult<()>| {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), Kind::Backend, "{error:?}");
        match error.downcast_ref::<Refusal>() {
            Some(Refusal::Constraint { kind: ConstraintKind::Unique, table: Some(table), .. }) if table == "audit" => {}
            other => panic!("{other:?}"),
        }
    };
    let database = Database::create(config()).await;
    run(&database.pool, AUDIT).await;
    database.set_user(&user("u1"), Some(&key("p:1", "u1"))).await.unwrap();
    refused(database.set_key(&key("p:2", "u1")).await);
    assert_eq!(kind(database.set_key(&key("p:1", "u1")).await), Kind::DuplicateKeyId);

    run(&database.pool, "INSERT INTO audit VALUES ('u2')").await;
    refused(database.set_user(&user("u2"), Some(&key("p:3", "u2"))).await);
    assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (1, 1));
}

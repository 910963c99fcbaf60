//! Foreign keys that Postgres does not check.

use crate::{
    gate::ISOLATIONS,
    orphans::{adapters, delete_beside_inserts, with_tokens},
    support::{Scratch, run},
};

/// A superuser has disabled the triggers of the foreign keys, as tools for restoring and replication do.
#[tokio::test]
async fn a_foreign_key_whose_triggers_are_disabled_is_not_relied_on() {
    for table in ["Session", "Key", "Token", "User"] {
        let scratch = Scratch::create().await;
        with_tokens().create_tables(&scratch.pool).await.unwrap();
        run(&scratch.pool, &format!(r#"ALTER TABLE "{table}" DISABLE TRIGGER ALL"#)).await;
        delete_beside_inserts(adapters(scratch, ISOLATIONS[0]).await, ISOLATIONS[0]).await;
    }
}

//! Foreign keys that Postgres does not check.

use crate::{
    gate::ISOLATIONS,
    orphans::{Adapters, adapters, delete_beside_inserts, with_tokens},
    support::{Scratch, driver, options_of, run},
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

/// The role or the database may set it for all connections.
#[tokio::test]
async fn a_foreign_key_is_not_relied_on_by_a_connection_that_replicates() {
    let scratch = Scratch::create().await;
    with_tokens().create_tables(&scratch.pool).await.unwrap();
    let options = options_of(&scratch).options([("session_replication_role", "replica")]);
    let pool = driver::pool_options().connect_with(options).await.unwrap();
    delete_beside_inserts((scratch, Adapters::open(pool).await), "a connection that replicates").await;
}

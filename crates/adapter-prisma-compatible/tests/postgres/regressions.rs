//! Bugs of Lucia's own SQL adapters, by their numbers, where Postgres differs from others.

use adapter_prisma_compatible::{PrismaAdapter, postgres};
use lucia_core::{AdapterErrorKind as Kind, UserAdapter};

use crate::{
    server::{Scratch, at},
    support::{Database, config, count, key, kind, run, user},
};

#[tokio::test]
async fn p2_the_language_of_the_server_decides_nothing() {
    let scratch = Scratch::create().await;
    let pool = postgres::connect(&format!("{}&options=-c%20lc_messages%3Dde_DE.utf8", at(&scratch.schema))).await;
    // Not every machine has that language.
    let pool = pool.unwrap_or_else(|_| scratch.pool.clone());
    config().create_tables(&pool).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool, config()).await.unwrap();
    adapter.set_user(&user("u1"), None).await.unwrap();
    assert_eq!(kind(adapter.set_user(&user("u1"), None).await), Kind::DuplicateUserId);
}

/// Foreign keys that are checked at once, later, or not at all.
#[tokio::test]
async fn p8_user_and_key_are_one_step_whatever_checks_their_foreign_key() {
    let database = Database::create(config()).await;
    for clause in ["DEFERRABLE INITIALLY IMMEDIATE", "DEFERRABLE INITIALLY DEFERRED", ""] {
        run(
            &database.pool,
            r#"ALTER TABLE "Key" DROP CONSTRAINT "Key_user_id_fkey"; DELETE FROM "Key"; DELETE FROM "User""#,
        )
        .await;
        if !clause.is_empty() {
            let sql = r#"ALTER TABLE "Key" ADD CONSTRAINT "Key_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "User"("id")"#;
            run(&database.pool, &format!("{sql} {clause}")).await;
        } else {
            run(&database.pool, r#"ALTER TABLE "Key" ADD CONSTRAINT "Key_user_id_fkey" CHECK (true)"#).await;
        }
        database.set_user(&user("u1"), Some(&key("p:k", "u1"))).await.unwrap();
        assert_eq!(kind(database.set_user(&user("u2"), Some(&key("p:k", "u2"))).await), Kind::DuplicateKeyId);
        assert_eq!((count(&database.pool, "User").await, count(&database.pool, "Key").await), (1, 1), "{clause}");
    }
}

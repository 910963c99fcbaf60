//! The deletion of expired sessions beside their renewal.

use adapter_prisma_compatible::PrismaAdapter;
use lucia_core::{SessionAdapter as _, UnixMillis, UserAdapter as _};

use crate::{
    blocked::until_blocked,
    gate::isolated,
    server::Scratch,
    support::{config, rows, session, user},
};

/// Without `SKIP LOCKED`, the deletion waits for the renewal, and must not delete the session afterwards.
#[tokio::test]
async fn a_session_that_is_being_renewed_is_not_deleted() {
    for (config, waits) in [(config(), false), (config().without_skip_locked(), true)] {
        let scratch = Scratch::create().await;
        config.create_tables(&scratch.pool).await.unwrap();
        let pool = isolated(&scratch, "read committed").await;
        let adapter = PrismaAdapter::with_config(pool, config).await.unwrap();
        adapter.set_user(&user("u1"), None).await.unwrap();
        for id in ["s1", "s2"] {
            adapter.set_session(&session(id, "u1")).await.unwrap();
        }
        let mut renewal = scratch.pool.begin().await.unwrap();
        let renew = r#"UPDATE "Session" SET "idle_expires" = 9000 WHERE "id" = 's1'"#;
        sqlx::raw_sql(renew).execute(&mut *renewal).await.unwrap();
        let deleting = tokio::spawn(async move { adapter.delete_expired_sessions(UnixMillis::new(3_000), 10).await });
        assert_eq!(until_blocked(&scratch, 1, || deleting.is_finished()).await, waits);
        renewal.commit().await.unwrap();
        assert_eq!(deleting.await.unwrap().unwrap(), 1);
        assert_eq!(rows(&scratch.pool, r#"SELECT "id" FROM "Session""#).await, [[Some("s1".to_owned())]]);
    }
}

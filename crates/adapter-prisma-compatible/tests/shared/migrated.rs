//! A column whose type changes while statements that read it are prepared.

use adapter_prisma_compatible::PrismaAdapter;
use futures_util::future::join_all;
use lucia_core::{
    Adapter as _, Attributes, SessionAdapter as _, SessionSchema, UnixMillis, UserAdapter as _, UserSchema, UserUpdate,
};
use serde_json::json;

/// More concurrent calls than a pool has connections, so that each connection has prepared the statements.
const CALLS: usize = 12;

/// Runs migrations between calls of every kind that reads attributes: each user and session has a `score`, a `seen` and
/// a `meta`.
pub(crate) async fn a_migration_fails_no_call(
    adapter: &PrismaAdapter,
    migrate: impl AsyncFn(&'static str),
    migrations: &[&'static str],
) {
    let seen = "2023-07-06T05:04:03.021Z";
    let attributes = || {
        Attributes::from([("score", json!(0.5)), ("seen", json!(seen)), ("meta", json!({"a": [1, null], "b": "x"}))])
    };
    let ada = UserSchema::new("u1").with_attributes(attributes()).unwrap();
    adapter.set_user(&ada, None).await.unwrap();
    for (round, migration) in std::iter::once("").chain(migrations.iter().copied()).enumerate() {
        if !migration.is_empty() {
            migrate(migration).await;
        }
        let sessions = (0..CALLS).map(async |index| {
            let session =
                SessionSchema::new(format!("s{round}_{index}"), "u1", UnixMillis::new(1_000), UnixMillis::new(2_000));
            let session = session.with_attributes(attributes()).unwrap();
            assert_eq!(adapter.set_session_and_get_user(&session).await.unwrap(), ada, "{migration}");
            session
        });
        let sessions = join_all(sessions).await;
        let found = join_all(sessions.iter().map(async |session| {
            let found = adapter.get_session_and_user(&session.id).await.unwrap();
            assert_eq!(adapter.get_session(&session.id).await.unwrap().as_ref(), Some(session), "{migration}");
            assert_eq!(adapter.get_user(&"u1".into()).await.unwrap().as_ref(), Some(&ada), "{migration}");
            found.unwrap()
        }));
        for (session, found) in sessions.iter().zip(found.await) {
            assert_eq!(found, (session.clone(), ada.clone()), "{migration}");
        }
        let all = adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap();
        assert_eq!(all.len(), (round + 1) * CALLS, "{migration}");
        adapter.update_user(&"u1".into(), &UserUpdate::default().with_attributes(attributes()).unwrap()).await.unwrap();
    }
}

#[allow(dead_code, reason = "only some targets run on it")]
pub(crate) mod postgres {
    pub(crate) const TABLES: &str = r#"
        CREATE TABLE "User" ("id" TEXT PRIMARY KEY, "score" REAL, "seen" TIMESTAMP(3), "meta" JSON);
        CREATE TABLE "Session" ("id" TEXT PRIMARY KEY, "user_id" TEXT NOT NULL REFERENCES "User" ("id"),
            "active_expires" BIGINT NOT NULL, "idle_expires" BIGINT NOT NULL,
            "score" REAL, "seen" TIMESTAMP(3), "meta" JSON);
        CREATE TABLE "Key" ("id" TEXT PRIMARY KEY, "hashed_password" TEXT, "user_id" TEXT NOT NULL)"#;
    pub(crate) const MIGRATIONS: [&str; 3] = [
        r#"ALTER TABLE "User" ALTER "score" TYPE DOUBLE PRECISION; ALTER TABLE "Session" ALTER "score" TYPE DOUBLE PRECISION"#,
        r#"ALTER TABLE "User" ALTER "seen" TYPE TIMESTAMPTZ(3) USING "seen" AT TIME ZONE 'UTC';
            ALTER TABLE "Session" ALTER "seen" TYPE TIMESTAMPTZ(3) USING "seen" AT TIME ZONE 'UTC'"#,
        r#"ALTER TABLE "User" ALTER "meta" TYPE JSONB; ALTER TABLE "Session" ALTER "meta" TYPE JSONB"#,
    ];
}

/// MySQL and MariaDB prepare such statements again themselves.
#[allow(dead_code, reason = "only some targets run on it")]
pub(crate) mod mysql {
    pub(crate) const TABLES: &str = "
        CREATE TABLE `User` (`id` VARCHAR(191) PRIMARY KEY, `score` FLOAT, `seen` DATETIME(3), `meta` JSON);
        CREATE TABLE `Session` (`id` VARCHAR(191) PRIMARY KEY, `user_id` VARCHAR(191) NOT NULL,
            `active_expires` BIGINT NOT NULL, `idle_expires` BIGINT NOT NULL,
            `score` FLOAT, `seen` DATETIME(3), `meta` JSON, FOREIGN KEY (`user_id`) REFERENCES `User` (`id`));
        CREATE TABLE `Key` (`id` VARCHAR(191) PRIMARY KEY, `hashed_password` TEXT, `user_id` VARCHAR(191) NOT NULL)";
    pub(crate) const MIGRATIONS: [&str; 2] = [
        "ALTER TABLE `User` MODIFY `score` DOUBLE; ALTER TABLE `Session` MODIFY `score` DOUBLE",
        "ALTER TABLE `User` MODIFY `seen` TIMESTAMP(3) NULL; ALTER TABLE `Session` MODIFY `seen` TIMESTAMP(3) NULL",
    ];
}

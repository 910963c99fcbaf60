use adapter_prisma_compatible::{PrismaAdapter, postgres};
use lucia_auth::Auth;
use sqlx::{AssertSqlSafe, PgPool};

use crate::rows::{self, CROWDED, EXPIRED, FAR, Rows};

pub(crate) type Row = sqlx::postgres::PgRow;

pub(crate) const JOIN: &str = r#"SELECT "Session"."id", "Session"."user_id", "Session"."active_expires", "Session"."idle_expires",
    "Session"."country", "User"."id", "User"."username"
    FROM "Session" INNER JOIN "User" ON "User"."id" = "Session"."user_id" WHERE "Session"."id" = $1"#;
pub(crate) const INSERT: &str =
    r#"INSERT INTO "Session" ("id", "user_id", "active_expires", "idle_expires") VALUES ($1, $2, $3, $4)"#;
pub(crate) const RENEW: &str =
    r#"UPDATE "Session" SET "active_expires" = $1, "idle_expires" = $2 WHERE "id" = $3 AND "idle_expires" = $4"#;
pub(crate) const LIST: &str =
    r#"SELECT "id", "user_id", "active_expires", "idle_expires", "country" FROM "Session" WHERE "user_id" = $1"#;
pub(crate) const DELETE_EXPIRED: &str =
    r#"DELETE FROM "Session" WHERE "id" IN (SELECT "id" FROM "Session" WHERE "idle_expires" < $1 LIMIT 1000)"#;

/// A database with twenty sessions per user, each with one attribute.
pub(crate) struct Database {
    pub(crate) pool: PgPool,
    pub(crate) adapter: PrismaAdapter,
    pub(crate) auth: Auth,
    pub(crate) rows: Rows,
    name: String,
}

impl Database {
    pub(crate) async fn create(url: &str, sessions: u64) -> Self {
        let name = format!("bench_{sessions}");
        let server = postgres::connect(url).await.expect("a server");
        for sql in [format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), format!("CREATE DATABASE {name}")] {
            sqlx::query(AssertSqlSafe(sql)).execute(&server).await.expect("a database");
        }
        server.close().await;
        let options = postgres::connect_options(url).expect("a url").database(&name);
        let pool = postgres::pool_options().max_connections(16).connect_with(options).await.expect("a pool");
        let config = rows::config();
        config.create_tables(&pool).await.expect("tables");
        let rows = Rows::new(sessions);
        let users = rows.users();
        let seed = format!(
            r#"INSERT INTO "User" SELECT 'user' || lpad(i::text, 11, '0'), 'name' || i FROM generate_series(0, {users} - 1) AS i;
            INSERT INTO "User" VALUES ('{CROWDED}', 'crowded');
            INSERT INTO "Session" ("id", "user_id", "active_expires", "idle_expires", "country")
                SELECT lpad(to_hex(i * 2654435761 % 4294967296), 8, '0') || lpad(i::text, 32, '0'), 'user' || lpad((i % {users})::text, 11, '0'), {FAR}, {FAR}, 'NZ'
                FROM generate_series(0, {sessions}::bigint - 1) AS i;
            ANALYZE; CHECKPOINT;"#
        );
        for statement in seed.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
            sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&pool).await.expect("rows");
        }
        let adapter = PrismaAdapter::with_config(pool.clone(), config).await.expect("an adapter");
        let auth = Auth::builder(adapter.clone()).build().expect("valid options");
        Self { pool, adapter, auth, rows, name }
    }

    /// Creates the adapter again, on another pool.
    pub(crate) async fn pool_behind(&mut self, url: &str) {
        let options = postgres::connect_options(url).expect("a url").database(&self.name);
        let pool = postgres::pool_options().max_connections(16).connect_with(options).await.expect("a pool");
        self.adapter = PrismaAdapter::with_config(pool, rows::config()).await.expect("an adapter");
    }

    pub(crate) async fn add_expired_sessions(&self, count: u64, index: bool) {
        let insert = format!(
            r#"INSERT INTO "Session" ("id", "user_id", "active_expires", "idle_expires")
                SELECT 'expired' || i, '{CROWDED}', {EXPIRED}, {EXPIRED} FROM generate_series(1, {count}) AS i"#
        );
        let advice = r#"CREATE INDEX "Session_idle_expires_idx" ON "Session"("idle_expires")"#;
        let statements = [Some(insert), index.then(|| advice.to_owned()), Some("ANALYZE".to_owned())];
        for statement in statements.into_iter().flatten() {
            sqlx::query(AssertSqlSafe(statement)).execute(&self.pool).await.expect("expired sessions");
        }
    }

    pub(crate) async fn remove_expired_sessions(&self, index: bool) {
        let advice = index.then_some(r#"DROP INDEX "Session_idle_expires_idx""#);
        let statements =
            [Some(r#"DELETE FROM "Session" WHERE "id" LIKE 'expired%'"#), advice, Some(r#"VACUUM "Session""#)];
        for statement in statements.into_iter().flatten() {
            sqlx::query(statement).execute(&self.pool).await.expect("no expired sessions");
        }
    }
}

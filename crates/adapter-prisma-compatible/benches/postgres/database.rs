use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, Table, postgres};
use lucia_auth::Auth;
use lucia_core::{SessionSchema, UnixMillis};
use sqlx::{AssertSqlSafe, PgPool};

/// A time in the future.
pub(crate) const FAR: i64 = 4_102_444_800_000;
/// A time in the past.
pub(crate) const EXPIRED: i64 = 1_000;
/// The user with all the added sessions.
const CROWDED: &str = "crowded";
pub(crate) const SESSIONS_OF_A_USER: u64 = 20;

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
    name: String,
    sessions: u64,
    next: AtomicU64,
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
        let config = config();
        config.create_tables(&pool).await.expect("tables");
        let users = sessions / SESSIONS_OF_A_USER;
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
        Self { pool, adapter, auth, name, sessions, next: AtomicU64::new(0) }
    }

    /// Creates the adapter again, on another pool.
    pub(crate) async fn pool_behind(&mut self, url: &str) {
        let options = postgres::connect_options(url).expect("a url").database(&self.name);
        let pool = postgres::pool_options().max_connections(16).connect_with(options).await.expect("a pool");
        self.adapter = PrismaAdapter::with_config(pool, config()).await.expect("an adapter");
    }

    /// Returns a number that is not near the previous one.
    fn some(&self, below: u64) -> u64 {
        self.next.fetch_add(1, Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15) % below
    }

    pub(crate) fn some_session(&self) -> String {
        session_id(self.some(self.sessions))
    }

    pub(crate) fn some_user(&self) -> String {
        format!("user{:011}", self.some(self.sessions / SESSIONS_OF_A_USER))
    }

    /// Returns a new session of a separate user, so that the other users keep their number of sessions.
    pub(crate) fn new_session(&self) -> SessionSchema {
        let id = format!("new{:037}", self.next.fetch_add(1, Relaxed));
        SessionSchema::new(id, CROWDED, UnixMillis::new(FAR), UnixMillis::new(FAR))
    }

    pub(crate) async fn add_expired_sessions(&self, count: u32, index: bool) {
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

    pub(crate) async fn remove_expired_sessions(&self) {
        let statements = [
            r#"DELETE FROM "Session" WHERE "id" LIKE 'expired%'"#,
            r#"DROP INDEX IF EXISTS "Session_idle_expires_idx""#,
            r#"VACUUM "Session""#,
        ];
        for statement in statements {
            sqlx::query(statement).execute(&self.pool).await.expect("no expired sessions");
        }
    }
}

fn config() -> PrismaConfig {
    PrismaConfig::default()
        .user(Table::named("User").attribute("username", Attribute::string().unique()))
        .session(Table::named("Session").attribute("country", Attribute::string().optional()))
}

/// Returns a session id of 40 characters, as in the seed. Consecutive ids are not in order.
fn session_id(index: u64) -> String {
    format!("{:08x}{index:032}", index * 2_654_435_761 % 4_294_967_296)
}

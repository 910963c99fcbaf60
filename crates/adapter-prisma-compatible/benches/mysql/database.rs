use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, Table, mysql};
use lucia_auth::Auth;
use lucia_core::{SessionSchema, UnixMillis};
use sqlx::{AssertSqlSafe, MySqlPool};

/// A time in the future.
pub(crate) const FAR: i64 = 4_102_444_800_000;
/// A time in the past.
pub(crate) const EXPIRED: i64 = 1_000;
/// The user with all the added sessions.
const CROWDED: &str = "crowded";
const SESSIONS: u64 = 10_000;
pub(crate) const SESSIONS_OF_A_USER: u64 = 20;
const USERS: u64 = SESSIONS / SESSIONS_OF_A_USER;
const ROWS_OF_AN_INSERT: u64 = 500;

pub(crate) const JOIN: &str = "SELECT `Session`.`id`, `Session`.`user_id`, `Session`.`active_expires`,
    `Session`.`idle_expires`, `Session`.`country`, `User`.`id`, `User`.`username`
    FROM `Session` INNER JOIN `User` ON `User`.`id` = `Session`.`user_id` WHERE `Session`.`id` = ?";
pub(crate) const INSERT: &str =
    "INSERT INTO `Session` (`id`, `user_id`, `active_expires`, `idle_expires`) VALUES (?, ?, ?, ?)";
pub(crate) const RENEW: &str =
    "UPDATE `Session` SET `active_expires` = ?, `idle_expires` = ? WHERE `id` = ? AND `idle_expires` = ?";
pub(crate) const LIST: &str =
    "SELECT `id`, `user_id`, `active_expires`, `idle_expires`, `country` FROM `Session` WHERE `user_id` = ?";
pub(crate) const DELETE_EXPIRED: &str = "DELETE FROM `Session` WHERE `idle_expires` < ? LIMIT 1000";

/// A database with twenty sessions per user, each with one attribute.
pub(crate) struct Database {
    pub(crate) pool: MySqlPool,
    pub(crate) adapter: PrismaAdapter,
    pub(crate) auth: Auth,
    next: AtomicU64,
}

impl Database {
    pub(crate) async fn create(url: &str) -> Self {
        let server = mysql::connect(url).await.expect("a server");
        for sql in ["DROP DATABASE IF EXISTS bench", "CREATE DATABASE bench CHARACTER SET utf8mb4"] {
            sqlx::query(sql).execute(&server).await.expect("a database");
        }
        server.close().await;
        let options = mysql::connect_options(url).expect("a url").database("bench");
        let pool = mysql::pool_options().max_connections(16).connect_with(options).await.expect("a pool");
        let config = PrismaConfig::default()
            .user(Table::named("User").attribute("username", Attribute::string().unique()))
            .session(Table::named("Session").attribute("country", Attribute::string().optional()));
        config.create_tables(&pool).await.expect("tables");
        let user = |index| format!("('{}', 'name{index}')", user_id(index));
        insert(&pool, "INSERT INTO `User` (`id`, `username`) VALUES ", USERS, user).await;
        insert(&pool, "INSERT INTO `User` (`id`, `username`) VALUES ", 1, |_| format!("('{CROWDED}', 'crowded')"))
            .await;
        let session = |index| format!("('{}', '{}', {FAR}, {FAR}, 'NZ')", session_id(index), user_id(index % USERS));
        let sessions = "INSERT INTO `Session` (`id`, `user_id`, `active_expires`, `idle_expires`, `country`) VALUES ";
        insert(&pool, sessions, SESSIONS, session).await;
        sqlx::query("ANALYZE TABLE `User`, `Session`").execute(&pool).await.expect("statistics");
        let adapter = PrismaAdapter::with_config(pool.clone(), config).await.expect("an adapter");
        let auth = Auth::builder(adapter.clone()).build().expect("valid options");
        Self { pool, adapter, auth, next: AtomicU64::new(0) }
    }

    /// Returns a number that is not near the previous one.
    fn some(&self, below: u64) -> u64 {
        self.next.fetch_add(1, Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15) % below
    }

    pub(crate) fn some_session(&self) -> String {
        session_id(self.some(SESSIONS))
    }

    pub(crate) fn some_user(&self) -> String {
        user_id(self.some(USERS))
    }

    /// Returns a new session of a separate user, so that the other users keep their number of sessions.
    pub(crate) fn new_session(&self) -> SessionSchema {
        let id = format!("new{:037}", self.next.fetch_add(1, Relaxed));
        SessionSchema::new(id, CROWDED, UnixMillis::new(FAR), UnixMillis::new(FAR))
    }

    pub(crate) async fn add_expired_sessions(&self, count: u64, index: bool) {
        let row = |index| format!("('expired{index}', '{CROWDED}', {EXPIRED}, {EXPIRED})");
        let sessions = "INSERT INTO `Session` (`id`, `user_id`, `active_expires`, `idle_expires`) VALUES ";
        insert(&self.pool, sessions, count, row).await;
        let advice = index.then_some("CREATE INDEX `Session_idle_expires_idx` ON `Session`(`idle_expires`)");
        for statement in advice.into_iter().chain(["ANALYZE TABLE `Session`"]) {
            sqlx::query(statement).execute(&self.pool).await.expect("expired sessions");
        }
    }

    pub(crate) async fn remove_expired_sessions(&self, index: bool) {
        let advice = index.then_some("DROP INDEX `Session_idle_expires_idx` ON `Session`");
        for statement in ["DELETE FROM `Session` WHERE `id` LIKE 'expired%'"].into_iter().chain(advice) {
            sqlx::query(statement).execute(&self.pool).await.expect("no expired sessions");
        }
    }
}

async fn insert(pool: &MySqlPool, statement: &str, count: u64, row: impl Fn(u64) -> String) {
    for start in (0..count).step_by(ROWS_OF_AN_INSERT as usize) {
        let mut sql = statement.to_owned();
        for index in start..count.min(start + ROWS_OF_AN_INSERT) {
            let comma = if index > start { ", " } else { "" };
            write!(sql, "{comma}{}", row(index)).expect("a text");
        }
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.expect("rows");
    }
}

fn user_id(index: u64) -> String {
    format!("user{index:011}")
}

/// Returns a session id of 40 characters. Consecutive ids are not in order.
fn session_id(index: u64) -> String {
    format!("{:08x}{index:032}", index * 2_654_435_761 % 4_294_967_296)
}

use std::fmt::Write as _;

use adapter_prisma_compatible::{PrismaAdapter, mysql};
use lucia_auth::Auth;
use sqlx::{AssertSqlSafe, MySqlPool};

use crate::rows::{self, CROWDED, EXPIRED, FAR, Rows, session_id, user_id};

pub(crate) type Row = sqlx::mysql::MySqlRow;

const SESSIONS: u64 = 10_000;
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
    pub(crate) rows: Rows,
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
        let config = rows::config();
        config.create_tables(&pool).await.expect("tables");
        let rows = Rows::new(SESSIONS);
        let user = |index| format!("('{}', 'name{index}')", user_id(index));
        insert(&pool, "INSERT INTO `User` (`id`, `username`) VALUES ", rows.users(), user).await;
        insert(&pool, "INSERT INTO `User` (`id`, `username`) VALUES ", 1, |_| format!("('{CROWDED}', 'crowded')"))
            .await;
        let session =
            |index| format!("('{}', '{}', {FAR}, {FAR}, 'NZ')", session_id(index), user_id(index % rows.users()));
        let sessions = "INSERT INTO `Session` (`id`, `user_id`, `active_expires`, `idle_expires`, `country`) VALUES ";
        insert(&pool, sessions, SESSIONS, session).await;
        sqlx::query("ANALYZE TABLE `User`, `Session`").execute(&pool).await.expect("statistics");
        let adapter = PrismaAdapter::with_config(pool.clone(), config).await.expect("an adapter");
        let auth = Auth::builder(adapter.clone()).build().expect("valid options");
        Self { pool, adapter, auth, rows }
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

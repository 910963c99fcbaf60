//! SQLite with rusqlite, with the settings of the adapter.

use std::{env, fs, path::Path, process::Command};

use adapter_prisma_compatible::{
    PrismaAdapter, RusqlitePool,
    rusqlite::{Connection, Result, params},
};

use crate::{
    measure::{self, Store, step},
    population::Population,
    rows::{self, token, user_id},
};

/// The argument with which this program only fills the database that the next one names.
pub(crate) const FILL: &str = "fill-sqlite";

pub(crate) async fn run(few: Population, many: Population) {
    println!("\n## SQLite");
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let files = ["few.db", "many.db"].map(|name| folder.path().join(name));
    for file in &files {
        let pool = open(file).await;
        rows::config().create_tables(&pool).await.unwrap();
        pool.close().await;
    }
    // The small one is filled as an application does it.
    step("10,000 sessions by the adapter", async {
        let pool = open(&files[0]).await;
        let adapter = adapter(&pool).await;
        few.store_users(&adapter, 16).await;
        few.store_sessions(&adapter, 16).await;
        pool.close().await;
    })
    .await;
    step("rows", fill_in_another_process(&files[1])).await;

    let bytes = async || {
        let mut sizes = [0.0; 2];
        for (size, (file, population)) in sizes.iter_mut().zip(files.iter().zip([few, many])) {
            Connection::open(file).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
            *size = fs::metadata(file).unwrap().len() as f64 / population.sessions() as f64;
        }
        sizes
    };
    let without_index = bytes().await;
    step("index of expiries, statistics", async {
        for file in &files {
            let pool = open(file).await;
            rows::config().create_expiry_index(&pool).await.unwrap();
            pool.write(|transaction| transaction.execute_batch("ANALYZE")).await.unwrap();
            pool.close().await;
        }
    })
    .await;
    let with_index = bytes().await;
    measure::head("SQLite", [few, many]);
    measure::row("file, for each session", without_index, "bytes");
    measure::row("the same with the index of expiries", with_index, "bytes");
    let small = Store::with_users(adapter(&open(&files[0]).await).await, few);
    let large = Store::with_users(adapter(&open(&files[1]).await).await, many);
    measure::read_and_revoke(&small, &large).await;
    measure::delete_expired(&small, &large).await;
}

async fn open(file: &Path) -> RusqlitePool {
    RusqlitePool::connect(&format!("file:{}?mode=rwc", file.display())).await.unwrap()
}

async fn adapter(pool: &RusqlitePool) -> PrismaAdapter {
    PrismaAdapter::with_config(pool.clone(), rows::config()).await.unwrap()
}

/// Fills a database in a process of its own, because the cache would otherwise remain in the memory of this one.
async fn fill_in_another_process(file: &Path) {
    let mut fill = Command::new(env::current_exe().unwrap());
    assert!(fill.arg(FILL).arg(file).status().unwrap().success());
}

/// Inserts the rows in the order in which an application does, which is random in the index of ids, with a cache that holds
/// this index. The other indexes are created afterwards.
pub(crate) fn fill(file: &Path, population: Population) {
    fill_with(&Connection::open(file).unwrap(), population).unwrap();
}

fn fill_with(connection: &Connection, population: Population) -> Result<()> {
    // Nothing has to survive a crash.
    connection.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
        PRAGMA cache_size = -3000000; PRAGMA foreign_keys = OFF",
    )?;
    let mut statement =
        connection.prepare(r#"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL"#)?;
    let indexes = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<Vec<_>>>()?;
    drop(statement);
    for (name, _) in &indexes {
        let name: &String = name;
        connection.execute_batch(&format!(r#"DROP INDEX "{name}""#))?;
    }
    connection.execute_batch("BEGIN")?;
    let mut statement = connection.prepare(r#"INSERT INTO "User" ("id", "username") VALUES (?1, ?2)"#)?;
    for index in 0..population.users {
        statement.execute((user_id(index), format!("name{index}")))?;
    }
    let mut statement = connection.prepare(
        r#"INSERT INTO "Session" ("id", "user_id", "active_expires", "idle_expires", "country")
        VALUES (?1, ?2, ?3, ?3, 'NZ')"#,
    )?;
    for index in 0..population.sessions() {
        let user = user_id(index % population.users);
        statement.execute(params![token(index).hashed_id().as_str(), user, population.expires(index)])?;
    }
    connection.execute_batch("COMMIT")?;
    for (_, sql) in &indexes {
        let sql: &String = sql;
        connection.execute_batch(sql)?;
    }
    connection.execute_batch("PRAGMA journal_mode = WAL")
}

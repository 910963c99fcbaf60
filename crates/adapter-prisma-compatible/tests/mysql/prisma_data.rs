//! Data that Prisma Client wrote on MariaDB.

use crate::support::{Pool, Scratch, fixture_text, rows, run, text};

pub(crate) const FIXTURES: [&str; 4] = ["lucia", "test", "custom", "attrs"];

/// Returns the tables that `prisma migrate` creates for a schema.
pub(crate) fn tables(name: &str) -> String {
    fixture_text(&format!("mysql/{name}.sql"))
}

/// Creates the tables and rows of Prisma.
pub(crate) async fn fixture(name: &str) -> Scratch {
    let scratch = Scratch::create().await;
    run(&scratch.pool, &tables(name)).await;
    run(&scratch.pool, &fixture_text(&format!("mysql/{name}_data.sql"))).await;
    scratch
}

/// Returns the rows as Prisma Client reads them.
pub(crate) fn as_prisma_reads(name: &str) -> String {
    fixture_text(&format!("mysql/mdb_{name}.json"))
}

/// Returns every value as the server prints it.
pub(crate) async fn stored(pool: &Pool) -> Vec<Vec<Option<String>>> {
    let tables = rows(
        pool,
        "SELECT CAST(TABLE_NAME AS CHAR) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1",
    )
    .await;
    let mut stored = Vec::new();
    for table in tables.iter().map(|row| row[0].as_deref().unwrap()) {
        let columns = format!(
            "SELECT CAST(GROUP_CONCAT(CONCAT('CAST(CAST(`', COLUMN_NAME, '` AS BINARY) AS CHAR)') ORDER BY ORDINAL_POSITION) AS CHAR)
             FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}' AND DATA_TYPE NOT LIKE '%blob'"
        );
        let blobs = format!(
            "SELECT CAST(GROUP_CONCAT(CONCAT('HEX(`', COLUMN_NAME, '`)') ORDER BY ORDINAL_POSITION) AS CHAR)
             FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}' AND DATA_TYPE LIKE '%blob'"
        );
        let columns = text(pool, &columns).await.into_iter().chain(text(pool, &blobs).await);
        let columns = columns.collect::<Vec<_>>().join(", ");
        stored.extend(rows(pool, &format!("SELECT {columns} FROM `{table}` ORDER BY `id`")).await);
    }
    stored
}

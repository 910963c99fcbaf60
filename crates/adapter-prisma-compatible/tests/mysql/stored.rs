use adapter_prisma_compatible::sqlx::{self, AssertSqlSafe, MySqlPool};

/// Returns the rows of all tables of the database.
pub(crate) async fn stored_bytes(pool: &MySqlPool) -> sqlx::Result<Vec<u8>> {
    let mut stored = Vec::new();
    for select in sqlx::query_scalar::<_, String>(SELECTS).fetch_all(pool).await? {
        for row in sqlx::query_scalar::<_, Vec<u8>>(AssertSqlSafe(select)).fetch_all(pool).await? {
            stored.extend(row);
            stored.push(b'\n');
        }
    }
    Ok(stored)
}

/// Composes a statement for each table, which returns each row as one value. MySQL does not mix the collations of columns.
const SELECTS: &str = "SELECT CAST(CONCAT('SELECT CAST(CONCAT_WS('' '', ',
    GROUP_CONCAT('CAST(`', COLUMN_NAME, '` AS BINARY)'), ') AS BINARY) FROM `', TABLE_NAME, '`') AS CHAR)
    FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() GROUP BY TABLE_NAME";

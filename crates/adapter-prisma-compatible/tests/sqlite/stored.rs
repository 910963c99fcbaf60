use adapter_prisma_compatible::sqlx::{self, AssertSqlSafe, SqlitePool};

/// Returns the rows of all tables of the database.
pub(crate) async fn stored_bytes(pool: &SqlitePool) -> sqlx::Result<Vec<u8>> {
    let mut stored = String::new();
    for select in sqlx::query_scalar::<_, String>(SELECTS).fetch_all(pool).await? {
        for row in sqlx::query_scalar::<_, String>(AssertSqlSafe(select)).fetch_all(pool).await? {
            stored.push_str(&row);
            stored.push('\n');
        }
    }
    Ok(stored.into_bytes())
}

/// Composes a statement for each table, which returns each row as one value.
const SELECTS: &str = r#"SELECT 'SELECT json_array(' || group_concat('"' || "column"."name" || '"') || ') FROM "' ||
        "table"."name" || '"'
    FROM "sqlite_master" AS "table" JOIN pragma_table_info("table"."name") AS "column"
    WHERE "table"."type" = 'table' GROUP BY "table"."name""#;

use adapter_prisma_compatible::sqlx::{self, AssertSqlSafe, PgPool, Row as _};

/// Returns the rows of all tables of a schema. Without a prepared statement, which PgBouncer would not find again.
pub(crate) async fn stored_bytes(pool: &PgPool, schema: &str) -> sqlx::Result<Vec<u8>> {
    let select = format!("SELECT schema_to_xml('{schema}', true, false, '')::text");
    let row = sqlx::raw_sql(AssertSqlSafe(select)).fetch_one(pool).await?;
    row.try_get(0).map(String::into_bytes)
}

use adapter_prisma_compatible::sqlx::{self, PgPool};

/// Returns the rows of all tables of a schema.
pub(crate) async fn stored_bytes(pool: &PgPool, schema: &str) -> sqlx::Result<Vec<u8>> {
    let rows = sqlx::query_scalar("SELECT schema_to_xml($1::name, true, false, '')::text");
    rows.bind(schema).fetch_one(pool).await.map(String::into_bytes)
}

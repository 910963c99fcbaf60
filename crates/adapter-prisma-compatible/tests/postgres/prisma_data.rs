//! Data that Prisma Client wrote on Postgres.

use crate::support::{Pool, Scratch, fixture_text, rows, run};

pub(crate) const FIXTURES: [&str; 4] = ["lucia", "test", "custom", "attrs"];

/// Returns the tables that `prisma migrate` creates for a schema.
pub(crate) fn tables(name: &str) -> String {
    fixture_text(&format!("postgres/{name}.sql"))
}

/// Creates the tables and rows of Prisma.
pub(crate) async fn fixture(name: &str) -> Scratch {
    let scratch = Scratch::create().await;
    run(&scratch.pool, &tables(name)).await;
    let data = fixture_text(&format!("postgres/{name}_data.sql"));
    run(&scratch.pool, &data.replace("INSERT INTO public.", "INSERT INTO ")).await;
    scratch
}

/// Returns the rows as Prisma Client reads them.
pub(crate) fn as_prisma_reads(name: &str) -> String {
    fixture_text(&format!("postgres/pg_{name}.json"))
}

/// Returns every row as the server prints it.
pub(crate) async fn stored(pool: &Pool) -> Vec<Vec<Option<String>>> {
    let tables = "SELECT c.relname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND c.relkind = 'r' ORDER BY 1";
    let mut stored = Vec::new();
    for table in rows(pool, tables).await {
        let table = table[0].clone().unwrap();
        stored.extend(rows(pool, &format!(r#"SELECT "{table}"::text FROM "{table}" ORDER BY "id""#)).await);
    }
    stored
}

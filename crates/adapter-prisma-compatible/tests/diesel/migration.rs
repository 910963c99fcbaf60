use adapter_prisma_compatible::{
    PrismaAdapter,
    diesel_async::SimpleAsyncConnection as _,
    sqlx::{self, AssertSqlSafe},
};

use crate::{
    deallocated::every_write_is_prepared_again,
    migrated::{self, a_migration_fails_no_call},
    mysql, on_postgres, pools, postgres,
};

/// Diesel does not expose the code of the error (0A000).
#[tokio::test]
async fn a_changed_column_type_fails_no_call_on_postgres() {
    let scratch = postgres::Scratch::create().await;
    let run = async |sql: &'static str| {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&scratch.pool).await.unwrap();
    };
    run(migrated::postgres::TABLES).await;
    let adapter = PrismaAdapter::new(pools::postgres(&scratch.diesel_url()).unwrap()).await.unwrap();
    a_migration_fails_no_call(&adapter, run, &migrated::postgres::MIGRATIONS).await;
}

#[tokio::test]
async fn a_changed_column_type_fails_no_call_on_mysql() {
    let scratch = mysql::Scratch::create().await;
    let run = async |sql: &'static str| {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&scratch.pool).await.unwrap();
    };
    run(migrated::mysql::TABLES).await;
    let adapter = PrismaAdapter::new(pools::mysql(&scratch.diesel_url()).unwrap()).await.unwrap();
    a_migration_fails_no_call(&adapter, run, &migrated::mysql::MIGRATIONS).await;
}

/// Diesel does not expose the code of the error (26000).
#[tokio::test]
async fn deallocated_statements_fail_no_write_on_postgres() {
    let (pool, adapter, _kept) = on_postgres().await;
    pool.resize(1);
    every_write_is_prepared_again(&adapter, async || {
        pool.get().await.unwrap().batch_execute("DISCARD ALL").await.unwrap();
    })
    .await;
}

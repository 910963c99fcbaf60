use std::error::Error;

use adapter_prisma_compatible::{Attribute, PrismaConfig, PrismaTokenAdapter, PrismaUserAdapter, Table, postgres};
use adapter_redis::{RedisSessionAdapter, RedisTokenAdapter, redis::aio::ConnectionManager};
use lucia_auth::{SplitAdapter, lucia_core::TokenAdapter};

/// The stores of the application.
pub(crate) struct Stores {
    pub(crate) accounts: SplitAdapter<PrismaUserAdapter, RedisSessionAdapter<ConnectionManager>>,
    /// The counters of sign-ins.
    pub(crate) counters: Box<dyn TokenAdapter>,
}

/// Connects to Postgres, where missing tables are created, and to Redis.
pub(crate) async fn open_stores(
    database: &str,
    redis: &str,
    count_in_postgres: bool,
) -> Result<Stores, Box<dyn Error>> {
    let pool = postgres::connect(database).await?;
    let users =
        Table::named("User").attribute("email", Attribute::string().unique()).attribute("name", Attribute::string());
    let config = PrismaConfig::default().user(users);
    config.create_user_tables(&pool).await?;
    let users = PrismaUserAdapter::with_config(pool.clone(), config).await?;

    let redis = adapter_redis::connect(redis).await?;
    let counters: Box<dyn TokenAdapter> = if count_in_postgres {
        let config = PrismaConfig::default().token(Table::named("Token"));
        config.create_token_table(&pool).await?;
        Box::new(PrismaTokenAdapter::with_config(pool, config).await?)
    } else {
        // Clones share one connection.
        Box::new(RedisTokenAdapter::new(redis.clone()).await?)
    };
    let sessions = RedisSessionAdapter::new(redis).await?;
    Ok(Stores { accounts: SplitAdapter::new(users, sessions), counters })
}

use std::error::Error;

use adapter_prisma_compatible::{Attribute, PrismaConfig, PrismaUserAdapter, Table, postgres};
use adapter_redis::{RedisSessionAdapter, RedisTokenAdapter, redis::aio::ConnectionManager};
use lucia_auth::SplitAdapter;

/// The stores of the application.
pub(crate) struct Stores {
    pub(crate) accounts: SplitAdapter<PrismaUserAdapter, RedisSessionAdapter<ConnectionManager>>,
    pub(crate) counters: RedisTokenAdapter<ConnectionManager>,
}

/// Connects to Postgres, where missing tables are created, and to Redis.
pub(crate) async fn open_stores(database: &str, redis: &str) -> Result<Stores, Box<dyn Error>> {
    let pool = postgres::connect(database).await?;
    let users =
        Table::named("User").attribute("email", Attribute::string().unique()).attribute("name", Attribute::string());
    let config = PrismaConfig::default().user(users);
    config.create_user_tables(&pool).await?;
    let users = PrismaUserAdapter::with_config(pool, config).await?;

    // One connection serves both: clones share it.
    let redis = adapter_redis::connect(redis).await?;
    let counters = RedisTokenAdapter::new(redis.clone()).await?;
    let sessions = RedisSessionAdapter::new(redis).await?;
    Ok(Stores { accounts: SplitAdapter::new(users, sessions), counters })
}

use adapter_prisma_compatible::{
    Attribute, AttributeType, PrismaAdapter, PrismaConfig, PrismaTokenAdapter, RusqlitePool, Table,
};
use axum::BoxError;

/// An SQLite database, and the adapters on it.
pub(crate) struct Store {
    /// To be closed before the process ends.
    pub(crate) pool: RusqlitePool,
    pub(crate) accounts: PrismaAdapter,
    /// One-time tokens, and the counters of attempts.
    pub(crate) tokens: PrismaTokenAdapter,
}

/// Opens a database with the Prisma schema, and creates missing tables.
pub(crate) async fn open_store(url: &str) -> Result<Store, BoxError> {
    let pool = RusqlitePool::connect(url).await?;
    let users = Table::named("User")
        .attribute("username", Attribute::string().unique())
        // The user's key decides who has an address.
        .attribute("email", Attribute::string())
        .attribute("email_verified", Attribute::new(AttributeType::Boolean));
    let sessions = Table::named("Session")
        .attribute("device", Attribute::string())
        .attribute("remember", Attribute::new(AttributeType::Boolean))
        .attribute("created_at", Attribute::new(AttributeType::BigInt))
        .attribute("authenticated_at", Attribute::new(AttributeType::BigInt));
    let config = PrismaConfig::default().user(users).session(sessions).token(Table::named("Token"));
    config.create_tables(&pool).await?;
    let accounts = PrismaAdapter::with_config(pool.clone(), config.clone()).await?;
    let tokens = PrismaTokenAdapter::with_config(pool.clone(), config).await?;
    Ok(Store { pool, accounts, tokens })
}

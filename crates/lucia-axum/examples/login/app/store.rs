use std::error::Error;

use adapter_prisma_compatible::{
    Attribute, AttributeType, PrismaAdapter, PrismaConfig, PrismaTokenAdapter, Table, sqlite,
};

/// The parts of an SQLite database.
pub(crate) struct Store {
    pub(crate) accounts: PrismaAdapter,
    /// One-time tokens, and the counters of attempts.
    pub(crate) tokens: PrismaTokenAdapter,
}

/// Opens a database with the Prisma schema, and creates missing tables.
pub(crate) async fn open_store(url: &str) -> Result<Store, Box<dyn Error>> {
    let options = sqlite::connect_options(url)?.create_if_missing(true);
    let pool = sqlite::pool_options().connect_with(options).await?;
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
    Ok(Store { accounts, tokens: PrismaTokenAdapter::with_config(pool, config).await? })
}

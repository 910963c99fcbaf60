use std::error::Error;

use adapter_prisma_compatible::{Attribute, AttributeType, PrismaAdapter, PrismaConfig, Table, sqlite};

/// Opens an SQLite database with the Prisma schema, and creates missing tables.
pub(crate) async fn open_store(url: &str) -> Result<PrismaAdapter, Box<dyn Error>> {
    let options = sqlite::connect_options(url)?.create_if_missing(true);
    let pool = sqlite::pool_options().connect_with(options).await?;
    let config =
        PrismaConfig::default().user(Table::named("User").attribute("username", Attribute::string().unique())).session(
            Table::named("Session")
                .attribute("device", Attribute::string())
                .attribute("created_at", Attribute::new(AttributeType::BigInt)),
        );
    config.create_tables(&pool).await?;
    Ok(PrismaAdapter::with_config(pool, config).await?)
}

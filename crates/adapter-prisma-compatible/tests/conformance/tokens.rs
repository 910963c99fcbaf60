use std::sync::Arc;

use adapter_prisma_compatible::{PrismaAdapter, PrismaTokenAdapter, Table};
use adapter_tests::{Access, Backend, BoxError, Profile, Store};
use lucia_core::async_trait;

use crate::database::{Database, Opened};

/// The tokens and counters of the same users.
pub(crate) struct Tokens<D>(pub(crate) D);

#[async_trait]
impl<D: Database> Backend for Tokens<D> {
    type Adapter = PrismaTokenAdapter;

    fn profile(&self) -> Profile {
        self.0.profile().with_access([Access::Neighbours])
    }

    async fn open(&self) -> Result<Store<PrismaTokenAdapter>, BoxError> {
        let Opened { pool, config, door, guard } = self.0.open().await?;
        let users = PrismaAdapter::with_config(pool.clone(), config.clone()).await?;
        let tokens = PrismaTokenAdapter::with_config(pool, config).await?;
        Ok(Store::new(tokens).with_users(Arc::new(users)).with_back_door(door).keep(guard))
    }

    /// Opens two tables of one database.
    async fn open_neighbours(&self) -> Result<(Store<PrismaTokenAdapter>, Store<PrismaTokenAdapter>), BoxError> {
        let Opened { pool, config, guard, .. } = self.0.open().await?;
        // Its user ids may have another collation than those of the first.
        let other = config.clone().token(Table::named("Token b")).without_foreign_keys();
        other.create_token_table(&pool).await?;
        let tokens = PrismaTokenAdapter::with_config(pool.clone(), config).await?;
        let other = PrismaTokenAdapter::with_config(pool, other).await?;
        Ok((Store::new(tokens).keep(guard), Store::new(other)))
    }
}

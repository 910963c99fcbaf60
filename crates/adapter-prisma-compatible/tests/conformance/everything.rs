use std::sync::Arc;

use adapter_prisma_compatible::PrismaAdapter;
use adapter_tests::{Backend, BoxError, Profile, Store};
use lucia_core::async_trait;

use crate::database::{Database, Opened};

/// The users, keys and sessions of a database.
pub(crate) struct Everything<D>(pub(crate) D);

#[async_trait]
impl<D: Database> Backend for Everything<D> {
    type Adapter = PrismaAdapter;

    fn profile(&self) -> Profile {
        self.0.profile()
    }

    async fn open(&self) -> Result<Store<PrismaAdapter>, BoxError> {
        let Opened { pool, config, door, guard } = self.0.open().await?;
        let adapter = PrismaAdapter::with_config(pool, config).await?;
        Ok(Store::new(adapter.clone()).with_users(Arc::new(adapter)).with_back_door(door).keep(guard))
    }
}

use std::any::Any;

use adapter_prisma_compatible::PrismaConfig;
use adapter_tests::{BackDoor, BoxError, Profile};
use lucia_core::async_trait;

use crate::any_pool::AnyPool;

/// A database that the suite runs on, with one of its drivers.
#[async_trait]
pub(crate) trait Database: Copy + Send + Sync + 'static {
    type Door: BackDoor;

    fn profile(&self) -> Profile;

    /// Creates tables that no other case uses.
    async fn open(&self) -> Result<Opened<Self::Door>, BoxError>;
}

/// The tables of one case.
pub(crate) struct Opened<D> {
    pub(crate) pool: AnyPool,
    /// The configuration of the adapters. They find out about the foreign keys themselves.
    pub(crate) config: PrismaConfig,
    pub(crate) door: D,
    /// Deletes the tables when it is dropped.
    pub(crate) guard: Box<dyn Any + Send + Sync>,
}

use std::sync::Arc;

use adapter_prisma_compatible::{Pool, Prisma};
use lucia_sql::driver::Driver;

/// A pool of any driver.
#[derive(Clone)]
pub(crate) struct AnyPool(Arc<dyn Pool<Prisma>>);

impl AnyPool {
    pub(crate) fn new(pool: impl Pool<Prisma> + 'static) -> Self {
        Self(Arc::new(pool))
    }
}

impl Pool<Prisma> for AnyPool {
    fn driver(&self) -> Box<dyn Driver> {
        self.0.driver()
    }
}

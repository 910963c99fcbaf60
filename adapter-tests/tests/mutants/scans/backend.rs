use adapter_tests::{Access, Backend, BoxError, Profile, Promise, Store};
use lucia_core::{async_trait, memory::MemoryAdapter};

use super::mutant::{Bug, Mutant};

/// Sessions with a scan that has a bug.
pub(crate) struct Scans(pub(crate) Bug);

#[async_trait]
impl Backend for Scans {
    type Adapter = Mutant;

    fn profile(&self) -> Profile {
        Profile::none().with([Promise::ExactIds]).with_access([Access::Neighbours])
    }

    async fn open(&self) -> Result<Store<Mutant>, BoxError> {
        Ok(self.store(&MemoryAdapter::without_foreign_keys()))
    }

    async fn open_neighbours(&self) -> Result<(Store<Mutant>, Store<Mutant>), BoxError> {
        let all = MemoryAdapter::without_foreign_keys();
        Ok((self.store(&all), self.store(&all)))
    }
}

impl Scans {
    fn store(&self, all: &MemoryAdapter) -> Store<Mutant> {
        let memory = MemoryAdapter::without_foreign_keys();
        Store::new(Mutant { memory, all: all.clone(), bug: self.0 })
    }
}

use adapter_tests::{Backend, BoxError, Profile, Promise, Store};
use lucia_core::async_trait;

use super::mutant::{Bug, Mutant};

/// Tables, by an adapter with a bug.
pub(crate) struct Table {
    pub(crate) bug: Bug,
    /// Whether it promises only what tables without constraints could keep.
    pub(crate) loose: bool,
}

#[async_trait]
impl Backend for Table {
    type Adapter = Mutant;

    fn profile(&self) -> Profile {
        if self.loose {
            return Profile::none().with([Promise::AtomicWrites, Promise::AtomicRotation]);
        }
        let profile = Profile::relational();
        if self.bug.needs_loose_tables() {
            profile.without([Promise::KeysReferenceUsers, Promise::SessionsReferenceUsers])
        } else {
            profile
        }
    }

    async fn open(&self) -> Result<Store<Mutant>, BoxError> {
        Ok(Store::new(self.bug.build(self.loose)))
    }
}

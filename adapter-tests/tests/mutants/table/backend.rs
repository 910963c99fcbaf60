use adapter_tests::{Backend, BoxError, Profile, Promise, Store};
use lucia_core::async_trait;

use super::mutant::{Bug, Mutant};

/// Tables with an adapter that has a bug.
pub(crate) struct Table {
    pub(crate) bug: Bug,
    /// `true` makes only the promises of tables without constraints.
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

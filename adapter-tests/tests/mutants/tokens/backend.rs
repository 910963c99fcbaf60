use std::sync::Arc;

use adapter_tests::{Access, BackDoor, Backend, BoxError, Profile, Promise, Store};
use lucia_core::{Clock, ManualClock, TokenId, UnixMillis, async_trait, memory::MemoryAdapter};

use super::{
    mutant::{Bug, Mutant},
    store::NOW,
};

/// Tokens with an adapter that has a bug.
pub(crate) struct Tokens {
    pub(crate) bug: Bug,
    pub(crate) form: Form,
}

/// The promises and the back door of the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Tables with foreign keys.
    Table,
    /// A store that drops expired records, with a back door.
    Expiring,
    /// Makes no promises.
    Loose,
}

#[async_trait]
impl Backend for Tokens {
    type Adapter = Arc<Mutant>;

    fn profile(&self) -> Profile {
        match self.form {
            Form::Table => Profile::relational(),
            Form::Expiring => Profile::all()
                .without([Promise::TokensReferenceUsers])
                .with_access([Access::RecordedExpiry, Access::Neighbours]),
            Form::Loose => Profile::none(),
        }
    }

    async fn open(&self) -> Result<Store<Self::Adapter>, BoxError> {
        Ok(store(self.mutant()))
    }

    async fn open_neighbours(&self) -> Result<(Store<Self::Adapter>, Store<Self::Adapter>), BoxError> {
        let one = self.mutant();
        let other = one.neighbour(MemoryAdapter::without_foreign_keys());
        Ok((store(one), store(other)))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(ManualClock::new(NOW))
    }
}

impl Tokens {
    fn mutant(&self) -> Mutant {
        let references =
            self.form == Form::Table && !matches!(self.bug, Bug::UnknownUserIsStored | Bug::UsersAreOnlyChecked);
        let memory = if references { MemoryAdapter::new() } else { MemoryAdapter::without_foreign_keys() };
        Mutant::new(self.bug, memory, self.form == Form::Expiring)
    }
}

fn store(mutant: Mutant) -> Store<Arc<Mutant>> {
    let (users, mutant) = (Arc::new(mutant.sound.memory.clone()), Arc::new(mutant));
    Store::new(Arc::clone(&mutant)).with_users(users).with_back_door(Door(mutant))
}

struct Door(Arc<Mutant>);

#[async_trait]
impl BackDoor for Door {
    async fn recorded_token_expiry(&self, id: &TokenId) -> Result<Option<UnixMillis>, BoxError> {
        Ok(self.0.sound.recorded().get(id.as_str()).copied())
    }

    async fn recorded_counter_expiry(&self, key: &str) -> Result<Option<UnixMillis>, BoxError> {
        Ok(self.0.sound.recorded().get(key).copied())
    }
}

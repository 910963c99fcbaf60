use std::sync::Arc;

use adapter_cloudflare_d1::D1UserAdapter;
use adapter_tests::{Backend, BoxError, Profile, Promise, Store};
use async_trait::async_trait;
use lucia_core::{Clock, SplitAdapter, SystemClock};
use worker::Env;

use crate::{
    d1::open_users,
    kv::{SessionAdapter, open_sessions, session_profile},
    number::next_number,
};

const USER_PROMISES: [Promise; 5] = [
    Promise::KeysReferenceUsers,
    Promise::AtomicUserAndKey,
    Promise::FixedAttributes,
    Promise::UniqueAttributes,
    Promise::ExactIds,
];

/// Users and keys in D1, sessions in KV.
pub(crate) struct Split {
    env: Env,
}

impl Split {
    pub(crate) const fn new(env: Env) -> Self {
        Self { env }
    }
}

#[async_trait]
impl Backend for Split {
    type Adapter = SplitAdapter<D1UserAdapter, SessionAdapter>;

    fn profile(&self) -> Profile {
        session_profile().with(USER_PROMISES)
    }

    async fn open(&self) -> Result<Store<Self::Adapter>, BoxError> {
        let number = next_number();
        let (sessions, back_door) = open_sessions(&self.env, &format!("{number}s"), &format!("{number}u"))?;
        let users = open_users(&self.env).await?;
        Ok(Store::new(SplitAdapter::new(users, sessions)).with_back_door(back_door))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }
}

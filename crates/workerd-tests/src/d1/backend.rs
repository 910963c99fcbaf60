use std::sync::Arc;

use adapter_cloudflare_d1::{D1Adapter, D1TokenAdapter, D1UserAdapter};
use adapter_tests::{Access, Backend, BoxError, Profile, Store};
use async_trait::async_trait;
use lucia_core::{Clock, SystemClock};
use worker::Env;

use super::{
    D1BackDoor,
    tables::{self, Owners},
};

/// Users, keys and sessions in D1.
pub(crate) struct Everything {
    env: Env,
    owners: Owners,
}

impl Everything {
    pub(crate) const fn new(env: Env, owners: Owners) -> Self {
        Self { env, owners }
    }
}

#[async_trait]
impl Backend for Everything {
    type Adapter = D1Adapter;

    fn profile(&self) -> Profile {
        Profile::relational().with_access([Access::Corruption, Access::StoredBytes])
    }

    async fn open(&self) -> Result<Store<D1Adapter>, BoxError> {
        let (config, sessions) = tables::create(&self.env, self.owners).await?;
        let adapter = D1Adapter::with_config(self.env.d1("DB")?, config).await?;
        Ok(Store::new(adapter.clone())
            .with_users(Arc::new(adapter))
            .with_back_door(D1BackDoor { database: self.env.d1("DB")?, sessions }))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }
}

/// Tokens and counters in D1, and their users.
pub(crate) struct Tokens {
    env: Env,
    owners: Owners,
}

impl Tokens {
    pub(crate) const fn new(env: Env, owners: Owners) -> Self {
        Self { env, owners }
    }
}

#[async_trait]
impl Backend for Tokens {
    type Adapter = D1TokenAdapter;

    fn profile(&self) -> Profile {
        Profile::relational()
    }

    async fn open(&self) -> Result<Store<D1TokenAdapter>, BoxError> {
        let (config, _) = tables::create(&self.env, self.owners).await?;
        let users = D1UserAdapter::with_config(self.env.d1("DB")?, config.clone()).await?;
        let tokens = D1TokenAdapter::with_config(self.env.d1("DB")?, config).await?;
        Ok(Store::new(tokens).with_users(Arc::new(users)))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }
}

/// Users and keys in D1, without sessions.
pub(crate) struct Users {
    env: Env,
}

impl Users {
    pub(crate) const fn new(env: Env) -> Self {
        Self { env }
    }
}

pub(crate) async fn open_users(env: &Env) -> Result<D1UserAdapter, BoxError> {
    let (config, _) = tables::create(env, Owners::References).await?;
    Ok(D1UserAdapter::with_config(env.d1("DB")?, config).await?)
}

#[async_trait]
impl Backend for Users {
    type Adapter = D1UserAdapter;

    fn profile(&self) -> Profile {
        Profile::relational()
    }

    async fn open(&self) -> Result<Store<D1UserAdapter>, BoxError> {
        Ok(Store::new(open_users(&self.env).await?))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }
}

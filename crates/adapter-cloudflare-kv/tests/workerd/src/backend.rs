//! The bindings as backends of the suite. Cases run one after the other, each under names of its own.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use adapter_cloudflare_kv::{
    CloudflareKvStore, WorkerClock,
    d1::{AttributeType, D1Config, D1UserAdapter},
};
use adapter_tests::{Access, Backend, BoxError, Profile, Promise, Store, schema};
use async_trait::async_trait;
use lucia_core::{
    Clock, SplitAdapter,
    kv::{KvLayout, KvSessionAdapter},
};
use worker::{Env, send::SendFuture};

use crate::{back_door::KvBackDoor, watched_store::WatchedStore};

pub(crate) type SessionAdapter = KvSessionAdapter<WatchedStore>;

/// A number for the names of the next case's keys and tables, whichever suite it is in.
fn next_number() -> usize {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    NUMBER.fetch_add(1, Ordering::SeqCst)
}

/// KV without users.
pub(crate) struct Sessions {
    env: Env,
}

impl Sessions {
    pub(crate) const fn new(env: Env) -> Self {
        Self { env }
    }
}

pub(crate) fn watched_store(env: &Env) -> Result<WatchedStore, BoxError> {
    Ok(WatchedStore::new(CloudflareKvStore::new(env.kv("KV")?)))
}

fn open_sessions(env: &Env, session: &str, user_sessions: &str) -> Result<(SessionAdapter, KvBackDoor), BoxError> {
    let layout = KvLayout::new(session, user_sessions)?;
    let store = watched_store(env)?;
    let back_door = KvBackDoor { kv: env.kv("KV")?, layout: layout.clone(), store: store.clone() };
    Ok((KvSessionAdapter::new(store, layout, Arc::new(WorkerClock)), back_door))
}

fn session_profile() -> Profile {
    let access = Access::ALL.iter().filter(|access| **access != Access::Neighbours);
    Profile::key_value().with_access(access)
}

#[async_trait]
impl Backend for Sessions {
    type Adapter = SessionAdapter;

    fn profile(&self) -> Profile {
        session_profile().with_access([Access::Neighbours])
    }

    async fn open(&self) -> Result<Store<SessionAdapter>, BoxError> {
        let number = next_number();
        let (adapter, back_door) = open_sessions(&self.env, &format!("{number}s"), &format!("{number}u"))?;
        Ok(Store::new(adapter).with_back_door(back_door))
    }

    async fn open_neighbours(&self) -> Result<(Store<SessionAdapter>, Store<SessionAdapter>), BoxError> {
        let number = next_number();
        let open = |name: &str| {
            let (adapter, back_door) =
                open_sessions(&self.env, &format!("{number}s{name}"), &format!("{number}u{name}"))?;
            Ok::<_, BoxError>(Store::new(adapter).with_back_door(back_door))
        };
        Ok((open(":a")?, open(":a:b")?))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(WorkerClock)
    }
}

/// D1 without sessions.
pub(crate) struct Users {
    env: Env,
}

impl Users {
    pub(crate) const fn new(env: Env) -> Self {
        Self { env }
    }
}

const USER_PROMISES: [Promise; 5] = [
    Promise::KeysReferenceUsers,
    Promise::AtomicUserAndKey,
    Promise::FixedAttributes,
    Promise::UniqueAttributes,
    Promise::ExactIds,
];

/// Makes the tables as Prisma does, but for the keys' foreign key in every second case: an application may have none.
async fn open_users(env: &Env) -> Result<D1UserAdapter, BoxError> {
    let number = next_number();
    let (users, keys) = (format!("User{number}"), format!("Key{number}"));
    let reference = if number.is_multiple_of(2) {
        format!(
            r#", CONSTRAINT "Key{number}_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "{users}" ("id") ON DELETE CASCADE ON UPDATE CASCADE"#
        )
    } else {
        String::new()
    };
    let tables = [
        format!(r#"CREATE TABLE "{users}" ("id" TEXT NOT NULL PRIMARY KEY, "username" TEXT NOT NULL, "country" TEXT)"#),
        format!(
            r#"CREATE TABLE "{keys}" ("id" TEXT NOT NULL PRIMARY KEY, "hashed_password" TEXT, "user_id" TEXT NOT NULL{reference})"#
        ),
        format!(r#"CREATE UNIQUE INDEX "User{number}_id_key" ON "{users}"("id")"#),
        format!(r#"CREATE UNIQUE INDEX "User{number}_username_key" ON "{users}"("username")"#),
        format!(r#"CREATE UNIQUE INDEX "Key{number}_id_key" ON "{keys}"("id")"#),
        format!(r#"CREATE INDEX "Key{number}_user_id_idx" ON "{keys}"("user_id")"#),
    ];
    let database = env.d1("DB")?;
    let created = async { database.batch(tables.iter().map(|sql| database.prepare(sql)).collect()).await };
    SendFuture::new(created).await?;
    let config = D1Config::new()
        .user_table(users)
        .key_table(keys)
        .user_attribute(schema::USERNAME, AttributeType::String)
        .user_attribute(schema::COUNTRY, AttributeType::String);
    Ok(D1UserAdapter::new(env.d1("DB")?, config)?)
}

#[async_trait]
impl Backend for Users {
    type Adapter = D1UserAdapter;

    fn profile(&self) -> Profile {
        Profile::none().with(USER_PROMISES)
    }

    async fn open(&self) -> Result<Store<D1UserAdapter>, BoxError> {
        Ok(Store::new(open_users(&self.env).await?))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(WorkerClock)
    }
}

/// Users and keys in D1, sessions in KV: what an application has.
pub(crate) struct Both {
    env: Env,
}

impl Both {
    pub(crate) const fn new(env: Env) -> Self {
        Self { env }
    }
}

#[async_trait]
impl Backend for Both {
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
        Arc::new(WorkerClock)
    }
}

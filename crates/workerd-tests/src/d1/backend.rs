use std::sync::Arc;

use adapter_cloudflare_d1::{AttributeType, D1Config, D1UserAdapter};
use adapter_tests::{Backend, BoxError, Profile, Promise, Store, schema};
use async_trait::async_trait;
use lucia_core::{Clock, SystemClock};
use worker::{Env, send::SendFuture};

use crate::number::next_number;

/// Users and keys in D1.
pub(crate) struct Users {
    env: Env,
}

impl Users {
    pub(crate) const fn new(env: Env) -> Self {
        Self { env }
    }
}

pub(crate) const USER_PROMISES: [Promise; 5] = [
    Promise::KeysReferenceUsers,
    Promise::AtomicUserAndKey,
    Promise::FixedAttributes,
    Promise::UniqueAttributes,
    Promise::ExactIds,
];

/// Makes the tables as Prisma does, but for the keys' foreign key in every second case: an application may have none.
pub(crate) async fn open_users(env: &Env) -> Result<D1UserAdapter, BoxError> {
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
        Arc::new(SystemClock)
    }
}

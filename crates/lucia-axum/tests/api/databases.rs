use std::hash::{BuildHasher as _, RandomState};

use adapter_prisma_compatible::{
    postgres,
    sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection},
};
use test_servers::Service;
use url::Url;

/// A Postgres database of its own, and a Redis server.
pub(crate) struct Databases {
    name: String,
    postgres: Service,
    redis: Service,
}

impl Databases {
    pub(crate) async fn create() -> Self {
        // The servers may be ones that others use.
        let name = format!("api_{:016x}", RandomState::new().hash_one(0));
        let databases =
            Self { name, postgres: test_servers::postgres().unwrap(), redis: test_servers::redis().unwrap() };
        databases.administer(&format!("CREATE DATABASE {}", databases.name)).await;
        databases
    }

    pub(crate) fn postgres(&self) -> String {
        let mut url = Url::parse(self.postgres.url()).unwrap();
        url.set_path(&self.name);
        url.into()
    }

    pub(crate) fn redis(&self) -> &str {
        self.redis.url()
    }

    pub(crate) async fn drop(self) {
        self.administer(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }

    async fn administer(&self, statement: &str) {
        let options = postgres::connect_options(self.postgres.url()).unwrap();
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        connection.execute(AssertSqlSafe(statement.to_owned())).await.unwrap();
    }
}

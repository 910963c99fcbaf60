//! The conformance suite on SQLite through Diesel: each case has a file of its own, with the tables that the crate makes.

use std::process::ExitCode;

use adapter_prisma_compatible::{Attribute, AttributeType, PrismaAdapter, PrismaConfig, Table, sqlite};
use adapter_tests::{
    Access, BackDoor, Backend, BoxError, Corruption, Profile, Promise, Store,
    schema::{self, AttributeKind},
};
use diesel::SqliteConnection;
use diesel_async::{
    AsyncConnection as _, SimpleAsyncConnection as _,
    pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool::Pool as DieselPool},
    sync_connection_wrapper::SyncConnectionWrapper,
};
use lucia_core::{SessionId, async_trait};
use sqlx::SqlitePool;

fn main() -> ExitCode {
    adapter_tests::harness::adapter(Sqlite)
}

struct Sqlite;

#[async_trait]
impl Backend for Sqlite {
    type Adapter = PrismaAdapter;

    fn profile(&self) -> Profile {
        Profile::all().without(Promise::ExpiresRecords).with_access(Access::Corruption)
    }

    async fn open(&self) -> Result<Store<PrismaAdapter>, BoxError> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("suite.db");
        let pool = sqlite::connect(&format!("sqlite://{}?mode=rwc", file.display())).await?;
        let config = PrismaConfig::default()
            .user(with_attributes(Table::named("User"), schema::USER_ATTRIBUTES))
            .session(with_attributes(Table::named("Session"), schema::SESSION_ATTRIBUTES));
        sqlx::query(SESSION_TABLE).execute(&pool).await?;
        config.create_tables(&pool).await?;
        let manager = AsyncDieselConnectionManager::<SyncConnectionWrapper<SqliteConnection>>::new_with_config(
            file.to_str().ok_or("a path in UTF-8")?,
            manager_config(),
        );
        let adapter = PrismaAdapter::with_config(DieselPool::builder(manager).build()?, config).await?;
        Ok(Store::new(adapter).with_back_door(Door(pool)).keep(folder))
    }
}

/// What Prisma makes where the application has a second relation to the user, which is its own.
const SESSION_TABLE: &str = r#"CREATE TABLE "Session" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT NOT NULL,
    "active_expires" BIGINT NOT NULL,
    "idle_expires" BIGINT NOT NULL,
    "country" TEXT,
    "device" TEXT,
    "visits" BIGINT,
    "trusted" BOOLEAN,
    "data" JSONB,
    "approved_by" TEXT,
    CONSTRAINT "Session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Session_approved_by_fkey" FOREIGN KEY ("approved_by") REFERENCES "User" ("id") ON DELETE SET NULL ON UPDATE CASCADE
)"#;

fn with_attributes(table: Table, attributes: &[schema::Attribute]) -> Table {
    attributes.iter().fold(table, |table, attribute| {
        let declared = Attribute::new(match attribute.kind {
            AttributeKind::BigInt => AttributeType::BigInt,
            AttributeKind::Boolean => AttributeType::Boolean,
            AttributeKind::Json => AttributeType::Json,
            _ => AttributeType::String,
        });
        let declared = if attribute.nullable { declared.optional() } else { declared };
        table.attribute(attribute.name, if attribute.unique { declared.unique() } else { declared })
    })
}

struct Door(SqlitePool);

#[async_trait]
impl BackDoor for Door {
    async fn corrupt_session(&self, session_id: &SessionId, how: Corruption) -> Result<(), BoxError> {
        let sql = match how {
            Corruption::Garbage => r#"UPDATE "Session" SET "data" = '{"cut": ' WHERE "id" = ?1"#,
            _ => r#"UPDATE "Session" SET "idle_expires" = 'soon' WHERE "id" = ?1"#,
        };
        let done = sqlx::query(sql).bind(session_id.as_str()).execute(&self.0).await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err("there is no such session".into()) }
    }
}

fn manager_config() -> ManagerConfig<SyncConnectionWrapper<SqliteConnection>> {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(|url| {
        let url = url.to_owned();
        Box::pin(async move {
            let mut connection = SyncConnectionWrapper::<SqliteConnection>::establish(&url).await?;
            let setup = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;";
            connection.batch_execute(setup).await.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            Ok(connection)
        })
    });
    config
}

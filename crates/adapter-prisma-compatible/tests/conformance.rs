//! The conformance suite on SQLite: each case has a file of its own, with the tables that the crate makes.

use std::process::ExitCode;

use adapter_prisma_compatible::{
    Attribute, AttributeType, PrismaAdapter, PrismaConfig, Table, sqlite,
    sqlx::{self, AssertSqlSafe, SqlitePool},
};
use adapter_tests::{
    Access, BackDoor, Backend, BoxError, Corruption, Profile, Promise, Store,
    schema::{self, AttributeKind},
};
use lucia_core::{SessionId, async_trait};

fn main() -> ExitCode {
    adapter_tests::harness::adapter(Sqlite)
}

struct Sqlite;

#[async_trait]
impl Backend for Sqlite {
    type Adapter = PrismaAdapter;

    fn profile(&self) -> Profile {
        Profile::all().without(Promise::ExpiresRecords).with_access(Access::Corruption).with_access(Access::Neighbours)
    }

    async fn open(&self) -> Result<Store<PrismaAdapter>, BoxError> {
        let folder = tempfile::tempdir()?;
        let pool = open_file(folder.path()).await?;
        Ok(store(&pool, ["User", "Session", "Key"]).await?.keep(folder))
    }

    async fn open_neighbours(&self) -> Result<(Store<PrismaAdapter>, Store<PrismaAdapter>), BoxError> {
        let folder = tempfile::tempdir()?;
        let pool = open_file(folder.path()).await?;
        let one = store(&pool, ["a", "a_s", "a_k"]).await?;
        let other = store(&pool, ["a.a", "a_a", "a-a"]).await?;
        Ok((one.keep(folder), other))
    }
}

async fn open_file(folder: &std::path::Path) -> Result<SqlitePool, BoxError> {
    Ok(sqlite::connect(&format!("sqlite://{}?mode=rwc", folder.join("suite.db").display())).await?)
}

async fn store(pool: &SqlitePool, [user, session, key]: [&'static str; 3]) -> Result<Store<PrismaAdapter>, BoxError> {
    let config = PrismaConfig::default()
        .user(with_attributes(Table::named(user), schema::USER_ATTRIBUTES))
        .session(with_attributes(Table::named(session), schema::SESSION_ATTRIBUTES))
        .key(Table::named(key));
    // What Prisma makes of a second relation to the user, which is the application's own.
    let sessions = format!(
        r#"CREATE TABLE "{session}" (
            "id" TEXT NOT NULL PRIMARY KEY, "user_id" TEXT NOT NULL, "active_expires" BIGINT NOT NULL,
            "idle_expires" BIGINT NOT NULL, "country" TEXT, "device" TEXT, "visits" BIGINT, "trusted" BOOLEAN, "data" JSONB,
            "approved_by" TEXT,
            CONSTRAINT "{session}_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "{user}" ("id")
                ON DELETE CASCADE ON UPDATE CASCADE,
            CONSTRAINT "{session}_approved_by_fkey" FOREIGN KEY ("approved_by") REFERENCES "{user}" ("id")
                ON DELETE SET NULL ON UPDATE CASCADE
        )"#
    );
    sqlx::query(AssertSqlSafe(sessions)).execute(pool).await?;
    config.create_tables(pool).await?;
    let adapter = PrismaAdapter::with_config(pool.clone(), config).await?;
    Ok(Store::new(adapter).with_back_door(Door { pool: pool.clone(), session }))
}

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

struct Door {
    pool: SqlitePool,
    session: &'static str,
}

#[async_trait]
impl BackDoor for Door {
    async fn corrupt_session(&self, session_id: &SessionId, how: Corruption) -> Result<(), BoxError> {
        let change = match how {
            Corruption::Garbage => "\"data\" = '{\"cut\": '",
            _ => "\"idle_expires\" = 'soon'",
        };
        let sql = format!("UPDATE \"{}\" SET {change} WHERE \"id\" = ?1", self.session);
        let done = sqlx::query(AssertSqlSafe(sql)).bind(session_id.as_str()).execute(&self.pool).await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err("there is no such session".into()) }
    }
}

#[cfg(test)]
mod tests;

use super::{Limit, NewColumn, NewTable, check::unsupported_list};
use crate::{
    Mismatch, SetupError,
    config::{AttributeType, PrismaConfig, Table},
    dialect::Dialect,
    driver::{Driver, Failure, Patience, Pool, Query, SqlValue, StepError},
};

/// A table or an index, and the statement that makes it.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) name: String,
    pub(crate) sql: String,
}

impl PrismaConfig {
    /// Makes the tables and indexes that are not there yet, exactly as Prisma would, declared attributes included.
    ///
    /// For those who have no Prisma. A table that is there stays as it is; whether it fits is found out when the adapter is
    /// made. Several processes may call this at the same time. Large tables want one index more:
    /// [`create_expiry_index`](Self::create_expiry_index).
    ///
    /// ```
    /// use adapter_prisma_compatible::{Attribute, PrismaAdapter, PrismaConfig, Table, sqlite};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = sqlite::connect("sqlite::memory:").await?;
    /// let users = Table::named("User").attribute("username", Attribute::string().unique());
    /// let config = PrismaConfig::default().user(users);
    /// config.create_tables(&pool).await?;
    /// let adapter = PrismaAdapter::with_config(pool, config).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`SetupError`].
    pub async fn create_tables(&self, pool: &impl Pool) -> Result<(), SetupError> {
        let driver = self.driver(pool)?;
        let owners = [(&self.user, "id"), (&self.session, "user_id"), (&self.key, "user_id")];
        let [users, sessions, keys] = self.fitted(&*driver, &owners).await?.new_tables()?;
        self.create(&*driver, |dialect, schema| dialect.definitions(schema, &[users, sessions, keys])).await
    }

    /// Makes the tables of users and keys alone, for a [`PrismaUserAdapter`](crate::PrismaUserAdapter).
    ///
    /// # Errors
    /// [`SetupError`].
    pub async fn create_user_tables(&self, pool: &impl Pool) -> Result<(), SetupError> {
        let driver = self.driver(pool)?;
        // Sessions are elsewhere: neither their attributes nor a table of the name matter.
        let session = Table::named(&self.session.name);
        let config = Self { session, ..self.clone() };
        let owners = [(&self.user, "id"), (&self.key, "user_id")];
        let [users, _, keys] = config.fitted(&*driver, &owners).await?.new_tables()?;
        self.create(&*driver, |dialect, schema| dialect.definitions(schema, &[users, keys])).await
    }

    /// Makes the index by which expired sessions are found, unless it exists: `@@index([idle_expires])` in the model of
    /// sessions. A `schema.prisma`, if there is one, should have that line, too.
    ///
    /// The schema of the Prisma document has none: `delete_expired_sessions` reads all sessions there, every time. With the
    /// index it reads those that it deletes. A renewal then writes one entry of an index more.
    ///
    /// The table cannot be written to while the index is made, except on MySQL. Where a large table of Postgres is in use,
    /// run the same statement with `CONCURRENTLY` instead:
    ///
    /// ```sql
    /// CREATE INDEX CONCURRENTLY "Session_idle_expires_idx" ON "Session"("idle_expires")
    /// ```
    ///
    /// ```
    /// use adapter_prisma_compatible::{PrismaConfig, sqlite};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let pool = sqlite::connect("sqlite::memory:").await?;
    /// let config = PrismaConfig::default();
    /// config.create_tables(&pool).await?;
    /// config.create_expiry_index(&pool).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`SetupError`].
    pub async fn create_expiry_index(&self, pool: &impl Pool) -> Result<(), SetupError> {
        let (table, column) = (&self.session.name, self.session.column_of("idle_expires"));
        let index = |dialect: &dyn Dialect, schema: Option<&str>| {
            let name = format!("{table}_{column}_idx");
            let [quoted, table, column] = [&name, table.as_str(), column].map(|name| dialect.quote(name));
            let table = schema.map_or_else(|| table.clone(), |schema| format!("{}.{table}", dialect.quote(schema)));
            vec![Object { sql: format!("CREATE INDEX {quoted} ON {table}({column})"), name }]
        };
        self.create(&*self.driver(pool)?, index).await
    }

    /// What runs the statements, once the names in them have been looked at.
    fn driver(&self, pool: &impl Pool) -> Result<Box<dyn Driver>, SetupError> {
        self.check_names()?;
        Ok(pool.clone().driver())
    }

    /// The same configuration, fitted to the database and to those of these tables that are there already: no UUID can refer
    /// to a text, or the other way round. Each comes with its column of users' ids.
    async fn fitted(&self, driver: &dyn Driver, tables: &[(&Table, &str)]) -> Result<Self, SetupError> {
        let mut fitted = self.clone();
        let dialect = driver.dialect();
        if !dialect.has_uuids_and_lists() {
            let lists = [&self.user, &self.session].into_iter().flat_map(|table| {
                table
                    .attributes
                    .iter()
                    .filter_map(|(name, attribute)| unsupported_list(dialect, table, name, attribute))
            });
            let lists: Vec<_> = lists.collect();
            return if lists.is_empty() { Ok(fitted) } else { Err(SetupError::Mismatch(lists)) };
        }
        let schema = dialect.schema(driver, self.schema.as_deref()).await?;
        let mut mismatches = Vec::new();
        for &(table, field) in tables {
            let found = dialect.introspect(driver, schema.as_deref(), &table.name).await?.unwrap_or_default();
            let name = table.column_of(field);
            let Some(column) = found.columns.into_iter().find(|column| dialect.same_name(&column.name, name)) else {
                continue;
            };
            let is_uuid = column.limit == Limit::Uuid;
            let needed = fitted.user_id_type.clone().unwrap_or_else(|| column.declared.clone());
            if is_uuid != needed.eq_ignore_ascii_case("uuid") {
                let (table, column, found) = (table.name.clone(), name.to_owned(), column.declared);
                mismatches.push(Mismatch::WrongType { table, column, found, needed: needed.into() });
            } else if is_uuid {
                fitted.user_id_type = Some(needed);
            }
        }
        if mismatches.is_empty() { Ok(fitted) } else { Err(SetupError::Mismatch(mismatches)) }
    }

    /// Makes those of these objects that do not exist.
    async fn create(
        &self,
        driver: &dyn Driver,
        objects: impl FnOnce(&dyn Dialect, Option<&str>) -> Vec<Object> + Send,
    ) -> Result<(), SetupError> {
        let dialect = driver.dialect();
        let schema = match self.schema.as_deref() {
            None => None,
            configured => dialect.schema(driver, configured).await?,
        };
        let schema = schema.as_deref();
        let objects = objects(dialect, schema);
        let mut wanted = missing(driver, schema, &objects).await?;
        let mut patience = Patience::default();
        loop {
            let count = wanted.len();
            // A connection of SQLite's takes the schema that it remembers for the present one until it reads.
            let mut statements = vec![dialect.object_names(schema)];
            statements.extend(wanted.iter().map(|object| Query::once(object.sql.as_str(), [])));
            let Err(StepError { step, error }) = driver.execute_all(&statements).await else {
                return Ok(());
            };
            let refused = step.and_then(|step| wanted.get(step.checked_sub(1)?)).map(|object| object.name.clone());
            // Others may make them at the same time: what they have left is tried again.
            wanted = missing(driver, schema, &objects).await?;
            if wanted.is_empty() {
                return Ok(());
            }
            // MariaDB lists no table while others rebuild it, as a foreign key makes them do.
            let is_there = error.failure == Failure::Exists;
            if wanted.len() == count && !(is_there && patience.wait().await) {
                return Err(match refused {
                    Some(object) if error.failure != Failure::Unavailable => {
                        SetupError::Create { object, source: error.source }
                    }
                    _ => error.into(),
                });
            }
        }
    }

    /// The columns in the order of the Prisma document, attributes last.
    fn new_tables(&self) -> Result<[NewTable; 3], SetupError> {
        let user_id = || Some((self.user.name.clone(), self.user.column_of("id").to_owned()));
        let text = |table: &Table, field: &str| NewColumn::new(table.column_of(field), AttributeType::String);
        let of_users = |column: NewColumn| NewColumn { native_type: self.user_id_type.clone(), ..column };
        let time = |field: &str| NewColumn::new(self.session.column_of(field), AttributeType::BigInt);
        let id = |table: &Table| NewColumn { primary: true, ..text(table, "id") };
        let owner = |table: &Table| of_users(NewColumn { references: user_id(), ..text(table, "user_id") });
        let mut mismatches: Vec<Mismatch> = Vec::new();
        let mut with_attributes = |table: &Table, mut columns: Vec<NewColumn>| {
            for (name, attribute) in &table.attributes {
                match NewColumn::of_attribute(&table.name, name, attribute) {
                    Ok(column) => columns.push(column),
                    Err(mismatch) => mismatches.push(mismatch),
                }
            }
            NewTable { name: table.name.clone(), columns }
        };

        let users = with_attributes(&self.user, vec![of_users(id(&self.user))]);
        let sessions = [id(&self.session), owner(&self.session), time("active_expires"), time("idle_expires")];
        let sessions = with_attributes(&self.session, sessions.into());
        let hash = NewColumn { nullable: true, ..text(&self.key, "hashed_password") };
        let keys = NewTable { name: self.key.name.clone(), columns: vec![id(&self.key), hash, owner(&self.key)] };
        if mismatches.is_empty() { Ok([users, sessions, keys]) } else { Err(SetupError::Mismatch(mismatches)) }
    }
}

/// The objects that do not exist yet.
async fn missing<'o>(
    driver: &dyn Driver,
    schema: Option<&str>,
    objects: &'o [Object],
) -> Result<Vec<&'o Object>, SetupError> {
    let dialect = driver.dialect();
    let rows = driver.fetch_all(&dialect.object_names(schema)).await?;
    let is_there = |name: &str| {
        let same = |cell: &SqlValue| matches!(cell, SqlValue::Text(text) if dialect.same_name(text, name));
        rows.iter().any(|row| row.first().is_some_and(same))
    };
    Ok(objects.iter().filter(|object| !is_there(&object.name)).collect())
}

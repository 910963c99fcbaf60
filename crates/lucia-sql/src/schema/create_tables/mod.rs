#[cfg(test)]
mod tests;

use super::check::unsupported_list;
use crate::{
    catalogs::{self, Catalog, NewColumn, NewTable, Object},
    config::{AttributeType, SqlConfig, Table},
    dialects,
    driver::{Backoff, Database, Driver, DriverError, Failure, Family, Pool, Query, SqlValue},
    mismatch::Mismatch,
    setup_error::SetupError,
    tables::Limit,
};

impl SqlConfig {
    /// Creates the tables and indexes that do not exist, including declared attributes, exactly as Prisma would.
    ///
    /// The table of tokens is created if [`token`](Self::token) names it.
    ///
    /// Use this if the application does not use Prisma's migrations. Existing tables are not changed; they are checked
    /// when the adapter is created. Several processes may call this concurrently. Large tables need one more index, see
    /// [`create_expiry_index`](Self::create_expiry_index). All are created in one transaction, if the database supports
    /// that; see [`separate_ddl`](Self::separate_ddl).
    ///
    /// # Errors
    /// Returns [`SetupError::Mismatch`] if the configuration is invalid or does not match an existing table,
    /// [`SetupError::Create`] if the database rejects a statement, and [`SetupError::Unavailable`] or
    /// [`SetupError::Database`] if the existing tables cannot be read.
    pub async fn create_tables<F: Family>(&self, pool: &impl Pool<F>) -> Result<(), SetupError> {
        let driver = self.driver(pool)?;
        let owners = [(&self.user, "id"), (&self.session, "user_id"), (&self.key, "user_id")];
        let config = self.fitted(&*driver, &owners).await?;
        self.create_new::<F>(&*driver, config.all_tables(driver.database())?).await
    }

    /// Returns the statements with which [`create_tables`](Self::create_tables) creates all tables in an empty database, for
    /// the migrations of the application. Each ends with a semicolon and a line break.
    ///
    /// ```
    /// # use lucia_sql::{Attribute, SqlConfig, Table, driver::Database};
    /// # let config = SqlConfig::default().user(Table::named("User").attribute("username", Attribute::string().unique()));
    /// let sql = config.create_tables_sql(Database::Postgres)?;
    /// assert!(sql.starts_with("CREATE TABLE \"User\" (\n"));
    /// assert!(sql.contains("CREATE UNIQUE INDEX \"User_username_key\" ON \"User\"(\"username\");\n"));
    /// # Ok::<(), lucia_sql::SetupError>(())
    /// ```
    ///
    /// # Errors
    /// Returns [`SetupError::Mismatch`] if the configuration is invalid, or the database has no type for an attribute.
    pub fn create_tables_sql(&self, database: Database) -> Result<String, SetupError> {
        self.statements(database, Self::all_tables)
    }

    /// Creates only the tables of users and keys, for an [adapter without sessions](crate::SqlUserAdapter), and that of
    /// tokens if [`token`](Self::token) names it.
    ///
    /// # Errors
    /// Returns the errors of [`create_tables`](Self::create_tables).
    pub async fn create_user_tables<F: Family>(&self, pool: &impl Pool<F>) -> Result<(), SetupError> {
        let driver = self.driver(pool)?;
        let config = self.without_session_attributes();
        let config = config.fitted(&*driver, &[(&self.user, "id"), (&self.key, "user_id")]).await?;
        self.create_new::<F>(&*driver, config.user_tables(driver.database())?).await
    }

    /// Returns the statements with which [`create_user_tables`](Self::create_user_tables) creates its tables in an empty
    /// database.
    ///
    /// # Errors
    /// Returns the errors of [`create_tables_sql`](Self::create_tables_sql).
    pub fn create_user_tables_sql(&self, database: Database) -> Result<String, SetupError> {
        self.without_session_attributes().statements(database, Self::user_tables)
    }

    /// Creates only the table of tokens, unless it exists. The table of users must exist, or
    /// [`without_user_table`](Self::without_user_table) be set.
    ///
    /// # Errors
    /// Returns the errors of [`create_tables`](Self::create_tables).
    pub async fn create_token_table<F: Family>(&self, pool: &impl Pool<F>) -> Result<(), SetupError> {
        let config = self.clone().token(self.token_table());
        let driver = config.driver(pool)?;
        let config =
            if config.without_user_table { config } else { config.fitted(&*driver, &[(&self.user, "id")]).await? };
        let tables = config.new_token_table(driver.database()).into_iter().collect();
        self.create_new::<F>(&*driver, tables).await
    }

    /// Returns the statements with which [`create_token_table`](Self::create_token_table) creates the table of tokens in a
    /// database without it.
    ///
    /// No table is read: if the ids of users are UUIDs, [`user_id_type`](Self::user_id_type) must say so.
    ///
    /// # Errors
    /// Returns the errors of [`create_tables_sql`](Self::create_tables_sql).
    pub fn create_token_table_sql(&self, database: Database) -> Result<String, SetupError> {
        let tables = |config: &Self, database| Ok(config.new_token_table(database).into_iter().collect());
        self.clone().token(self.token_table()).statements(database, tables)
    }

    /// Creates the index by which expired sessions are found, unless it exists. Add its line to the model of sessions
    /// in `schema.prisma`, too: `@@index([idle_expires])`.
    ///
    /// The schema in Lucia's documentation for Prisma does not have this index, so that each call of
    /// `delete_expired_sessions` reads all sessions. With the index it reads only the sessions that it deletes, and
    /// each renewal of a session writes one more index entry.
    ///
    /// Except on MySQL, the table cannot be written to while the index is created. If a large table on Postgres is in
    /// use, run the same statement with `CONCURRENTLY` instead:
    ///
    /// ```sql
    /// CREATE INDEX CONCURRENTLY "Session_idle_expires_idx" ON "Session"("idle_expires")
    /// ```
    ///
    /// # Errors
    /// Returns the errors of [`create_tables`](Self::create_tables).
    pub async fn create_expiry_index<F: Family>(&self, pool: &impl Pool<F>) -> Result<(), SetupError> {
        let (table, column) = (&self.session.name, self.session.column_of("idle_expires"));
        let driver = self.driver(pool)?;
        let dialect = dialects::of(driver.database());
        let index = |_: &dyn Catalog, schema: Option<&str>| {
            let name = format!("{table}_{column}_idx");
            let [quoted, table, column] = [&name, table.as_str(), column].map(|name| dialect.quote(name));
            let table = schema.map_or_else(|| table.clone(), |schema| format!("{}.{table}", dialect.quote(schema)));
            vec![Object { sql: format!("CREATE INDEX {quoted} ON {table}({column})"), name }]
        };
        self.create::<F>(&*driver, index).await
    }

    /// Checks the names, and returns the driver that runs the statements.
    fn driver<F: Family>(&self, pool: &impl Pool<F>) -> Result<Box<dyn Driver>, SetupError> {
        self.check_names(pool.driver().database())?;
        Ok(pool.driver())
    }

    /// Returns the configuration with the type of user ids that the database and its existing tables need, because the
    /// types of a foreign key and of the column that it refers to must match. Each table comes with its column of user
    /// ids.
    async fn fitted(&self, driver: &dyn Driver, tables: &[(&Table, &str)]) -> Result<Self, SetupError> {
        self.fit(driver, tables).await.map_err(|error| error.at(driver))
    }

    /// Returns an error for attributes that are lists, if the database does not have them.
    fn check_lists(&self, database: Database) -> Result<(), SetupError> {
        let lists = [&self.user, &self.session].into_iter().flat_map(|table| {
            let attributes = table.attributes.iter();
            attributes.filter_map(|(name, attribute)| unsupported_list(database, table, name, attribute))
        });
        let lists: Vec<_> = lists.collect();
        if lists.is_empty() { Ok(()) } else { Err(SetupError::Mismatch(lists)) }
    }

    async fn fit(&self, driver: &dyn Driver, tables: &[(&Table, &str)]) -> Result<Self, SetupError> {
        let mut fitted = self.clone();
        let (dialect, catalog) = (dialects::of(driver.database()), catalogs::of(driver.database()));
        if !dialect.has_uuids_and_lists() {
            return Ok(fitted);
        }
        let schema = catalog.schema(driver, self.schema.as_deref()).await?;
        let mut mismatches = Vec::new();
        for &(table, field) in tables {
            let found = catalog.introspect(driver, schema.as_deref(), &table.name).await?.unwrap_or_default();
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

    /// Returns the statements that create tables.
    fn statements(
        &self,
        database: Database,
        tables: impl FnOnce(&Self, Database) -> Result<Vec<NewTable>, SetupError>,
    ) -> Result<String, SetupError> {
        self.check_names(database)?;
        let tables = tables(self, database)?;
        let objects = catalogs::of(database).definitions(self.schema.as_deref(), &tables);
        Ok(objects.into_iter().map(|object| object.sql + ";\n").collect())
    }

    /// Creates the tables that do not exist.
    async fn create_new<F: Family>(&self, driver: &dyn Driver, tables: Vec<NewTable>) -> Result<(), SetupError> {
        self.create::<F>(driver, |catalog, schema| catalog.definitions(schema, &tables)).await
    }

    /// Creates the objects that do not exist.
    async fn create<F: Family>(
        &self,
        driver: &dyn Driver,
        objects: impl FnOnce(&dyn Catalog, Option<&str>) -> Vec<Object> + Send,
    ) -> Result<(), SetupError> {
        self.create_missing::<F>(driver, objects).await.map_err(|error| error.at(driver))
    }

    async fn create_missing<F: Family>(
        &self,
        driver: &dyn Driver,
        objects: impl FnOnce(&dyn Catalog, Option<&str>) -> Vec<Object> + Send,
    ) -> Result<(), SetupError> {
        let catalog = catalogs::of(driver.database());
        let schema = match self.schema.as_deref() {
            None => None,
            configured => catalog.schema(driver, configured).await?,
        };
        let schema = schema.as_deref();
        let objects = objects(catalog, schema);
        let mut wanted = missing(driver, schema, &objects).await?;
        let mut backoff = Backoff::new(F::TIMER);
        loop {
            let count = wanted.len();
            let run = if self.separate_ddl {
                run_separately(driver, &wanted).await
            } else {
                run_together(driver, catalog.object_names(schema), &wanted).await
            };
            let Err((error, rejected)) = run else {
                return Ok(());
            };
            // Other processes may create objects concurrently: retry with the objects that are still missing.
            wanted = missing(driver, schema, &objects).await?;
            if wanted.is_empty() {
                return Ok(());
            }
            // MariaDB does not list a table while another process rebuilds it to add a foreign key.
            let is_there = error.failure == Failure::Exists;
            if wanted.len() == count && !(is_there && backoff.pause().await) {
                return Err(match rejected {
                    Some(object) if error.failure != Failure::Unavailable => {
                        SetupError::Create { object, source: error.source }
                    }
                    _ => error.into(),
                });
            }
        }
    }

    fn all_tables(&self, database: Database) -> Result<Vec<NewTable>, SetupError> {
        self.check_lists(database)?;
        Ok(self.new_tables()?.into_iter().chain(self.new_token_table(database)).collect())
    }

    fn user_tables(&self, database: Database) -> Result<Vec<NewTable>, SetupError> {
        self.check_lists(database)?;
        let [users, _, keys] = self.new_tables()?;
        Ok([users, keys].into_iter().chain(self.new_token_table(database)).collect())
    }

    /// Returns the configuration for tables without sessions. They are stored elsewhere, so neither their attributes nor a
    /// table with this name matter.
    fn without_session_attributes(&self) -> Self {
        Self { session: Table::named(&self.session.name), ..self.clone() }
    }

    /// Returns the tables with their columns in the order of Lucia's documentation, followed by the attributes.
    fn new_tables(&self) -> Result<[NewTable; 3], SetupError> {
        let user_id = || self.referenced_id();
        let text = |table: &Table, field: &str| NewColumn::new(table.column_of(field), AttributeType::String);
        let of_users = |column: NewColumn| NewColumn { native_type: self.user_id_type.clone(), ..column };
        let time = |field: &str| NewColumn::new(self.session.column_of(field), AttributeType::BigInt);
        // Lucia's documentation for Prisma has `@id @unique`.
        let id = |table: &Table| NewColumn { primary: true, unique: true, ..text(table, "id") };
        let owner =
            |table: &Table| of_users(NewColumn { references: user_id(), indexed: true, ..text(table, "user_id") });
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

    /// Returns the table and column that foreign keys refer to.
    fn referenced_id(&self) -> Option<(String, String)> {
        (!self.without_foreign_keys).then(|| (self.user.name.clone(), self.user.column_of("id").to_owned()))
    }

    /// Returns the table of tokens, if one is configured.
    fn new_token_table(&self, database: Database) -> Option<NewTable> {
        let table = self.token.as_ref()?;
        let text = |field: &str| NewColumn::new(table.column_of(field), AttributeType::String);
        let long_text = dialects::of(database).long_text().to_owned();
        let columns = vec![
            NewColumn { primary: true, ..text("id") },
            text("kind"),
            NewColumn {
                native_type: self.user_id_type.clone(),
                nullable: true,
                indexed: true,
                references: self.referenced_id().filter(|_| !self.without_user_table),
                ..text("user_id")
            },
            NewColumn { native_type: Some(long_text), ..text("data") },
            NewColumn { indexed: true, ..NewColumn::new(table.column_of("expires"), AttributeType::BigInt) },
        ];
        Some(NewTable { name: table.name.clone(), columns })
    }
}

/// Creates the objects in one transaction. Returns the name of the rejected one, if the database reports it.
async fn run_together(
    driver: &dyn Driver,
    names: Query,
    objects: &[&Object],
) -> Result<(), (DriverError, Option<String>)> {
    // A connection of SQLite uses its cached schema until it reads.
    let creations = objects.iter().map(|object| Query::new(object.sql.as_str(), []));
    let statements: Vec<_> = std::iter::once(names).chain(creations).collect();
    driver.execute_all(&statements).await.map_err(|error| {
        let rejected = error.step.and_then(|step| objects.get(step.checked_sub(1)?)).map(|object| object.name.clone());
        (error, rejected)
    })
}

/// Creates each object in a transaction of its own.
async fn run_separately(driver: &dyn Driver, objects: &[&Object]) -> Result<(), (DriverError, Option<String>)> {
    for object in objects {
        let created = driver.execute(&Query::new(object.sql.as_str(), [])).await;
        created.map_err(|error| (error, Some(object.name.clone())))?;
    }
    Ok(())
}

/// Returns the objects that do not exist.
async fn missing<'o>(
    driver: &dyn Driver,
    schema: Option<&str>,
    objects: &'o [Object],
) -> Result<Vec<&'o Object>, SetupError> {
    let (dialect, catalog) = (dialects::of(driver.database()), catalogs::of(driver.database()));
    let rows = driver.fetch_all(&catalog.object_names(schema)).await?;
    let is_there = |name: &str| {
        let same = |cell: &SqlValue| matches!(cell, SqlValue::Text(text) if dialect.same_name(text, name));
        rows.iter().any(|row| row.first().is_some_and(same))
    };
    Ok(objects.iter().filter(|object| !is_there(&object.name)).collect())
}

use crate::{
    SetupError,
    config::{AttributeType, PrismaConfig, Table},
    driver::{Driver, Pool, Query, SqlValue},
};

/// A table to be made.
#[derive(Debug)]
pub(crate) struct NewTable {
    pub(crate) name: String,
    pub(crate) columns: Vec<NewColumn>,
}

#[derive(Debug)]
pub(crate) struct NewColumn {
    pub(crate) name: String,
    pub(crate) kind: AttributeType,
    pub(crate) nullable: bool,
    pub(crate) primary: bool,
    pub(crate) unique: bool,
    /// What an enum stores; empty if it is none.
    pub(crate) labels: Vec<String>,
    /// The name of the enum's type, where types have names.
    pub(crate) enum_name: String,
    /// The table and column that a foreign key points to. Such a column has an index.
    pub(crate) references: Option<(String, String)>,
}

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
    /// made. Purging expired sessions of a large table wants one more index, `@@index([idle_expires])` in Prisma's words.
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
        let [users, sessions, keys] = self.new_tables();
        self.create(pool, &[users, sessions, keys]).await
    }

    /// Makes the tables of users and keys alone, for a [`PrismaUserAdapter`](crate::PrismaUserAdapter).
    ///
    /// # Errors
    /// [`SetupError`].
    pub async fn create_user_tables(&self, pool: &impl Pool) -> Result<(), SetupError> {
        let [users, _, keys] = self.new_tables();
        self.create(pool, &[users, keys]).await
    }

    async fn create(&self, pool: &impl Pool, tables: &[NewTable]) -> Result<(), SetupError> {
        self.check_names()?;
        let driver = pool.clone().driver();
        let dialect = driver.dialect();
        let schema = self.schema.as_deref();
        let objects = dialect.definitions(schema, tables);
        let mut statements = missing(&*driver, schema, &objects).await?;
        // A connection of SQLite's takes the schema that it remembers for the present one until it reads.
        statements.insert(0, dialect.object_names(schema));
        let Err(failed) = driver.execute_all(&statements).await else {
            return Ok(());
        };
        // Another process may have made them at the same time.
        if missing(&*driver, schema, &objects).await?.is_empty() { Ok(()) } else { Err(failed.error.into()) }
    }

    /// The columns in the order of the Prisma document, attributes last.
    fn new_tables(&self) -> [NewTable; 3] {
        let user_id = || Some((self.user.name.clone(), self.user.column_of("id").to_owned()));
        let text = |table: &Table, field: &str| NewColumn::new(table.column_of(field), AttributeType::String);
        let time = |field: &str| NewColumn::new(self.session.column_of(field), AttributeType::BigInt);
        let id = |table: &Table| NewColumn { primary: true, ..text(table, "id") };
        let owner = |table: &Table| NewColumn { references: user_id(), ..text(table, "user_id") };
        let attributes = |table: &Table| table.attributes.iter().map(NewColumn::of_attribute).collect::<Vec<_>>();

        let mut users = vec![id(&self.user)];
        users.extend(attributes(&self.user));
        let mut sessions = vec![id(&self.session), owner(&self.session), time("active_expires"), time("idle_expires")];
        sessions.extend(attributes(&self.session));
        let hash = NewColumn { nullable: true, ..text(&self.key, "hashed_password") };
        let keys = vec![id(&self.key), hash, owner(&self.key)];
        [
            NewTable { name: self.user.name.clone(), columns: users },
            NewTable { name: self.session.name.clone(), columns: sessions },
            NewTable { name: self.key.name.clone(), columns: keys },
        ]
    }
}

/// The statements for what is not there yet.
async fn missing(driver: &dyn Driver, schema: Option<&str>, objects: &[Object]) -> Result<Vec<Query>, SetupError> {
    let dialect = driver.dialect();
    let rows = driver.fetch_all(&dialect.object_names(schema)).await?;
    let is_there = |name: &str| {
        let same = |cell: &SqlValue| matches!(cell, SqlValue::Text(text) if dialect.same_name(text, name));
        rows.iter().any(|row| row.first().is_some_and(same))
    };
    let missing = objects.iter().filter(|object| !is_there(&object.name));
    Ok(missing.map(|object| Query::once(object.sql.as_str(), [])).collect())
}

impl NewColumn {
    fn new(name: &str, kind: AttributeType) -> Self {
        let (labels, enum_name) = (Vec::new(), String::new());
        let name = name.to_owned();
        Self { name, kind, nullable: false, primary: false, unique: false, labels, enum_name, references: None }
    }

    fn of_attribute((name, attribute): &(String, crate::Attribute)) -> Self {
        Self {
            nullable: attribute.optional,
            unique: attribute.unique,
            labels: attribute.labels.iter().map(|(_, stored)| stored.clone()).collect(),
            enum_name: attribute.enum_name.clone().unwrap_or_else(|| Table::model(name).name),
            ..Self::new(attribute.column.as_deref().unwrap_or(name), attribute.kind)
        }
    }
}

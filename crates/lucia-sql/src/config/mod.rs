//! Names and types that the application sets. They are checked when an adapter or a table is created.

mod names;
mod attribute;
mod table;

pub(crate) use self::{attribute::AttributeDefault, names::is_valid_type};
pub use self::{
    attribute::{Attribute, AttributeType},
    names::is_valid_name,
    table::Table,
};

/// The form in which times are written to `DateTime` columns on SQLite. Reading accepts every form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DateTimeFormat {
    /// The form that the newest row has in the same column when the adapter is created, or [`Iso8601`](Self::Iso8601)
    /// if the table is empty.
    #[default]
    AsFound,
    /// Text such as `2023-07-06T05:04:03.021+00:00`, the default of Prisma 7.
    Iso8601,
    /// Milliseconds since 1970 as an integer, the form of earlier versions of Prisma, and of Prisma 7 with
    /// `timestampFormat: "unixepoch-ms"`.
    UnixEpochMillis,
}

/// Configuration of an adapter: its tables and columns.
///
/// Defaults to the tables of Lucia's documentation for Prisma: `User`, `Session` and `Key`.
///
/// ```
/// # use lucia_sql::{SqlConfig, Table};
/// # let config = SqlConfig::default();
/// // modelNames: { user: "authUser", session: "authSession", key: "authKey" }, userRelationKey: "auth_user"
/// let config = config
///     .user(Table::model("authUser"))
///     .session(Table::model("authSession"))
///     .key(Table::model("authKey"))
///     .user_relation_key("auth_user");
/// ```
#[derive(Clone, Debug)]
pub struct SqlConfig {
    pub(crate) user: Table,
    pub(crate) session: Table,
    pub(crate) key: Table,
    /// The table of tokens, if the application has one.
    pub(crate) token: Option<Table>,
    /// `true` if tokens do not refer to the table of users.
    pub(crate) without_user_table: bool,
    /// `true` if no table refers to the table of users by a foreign key.
    pub(crate) without_foreign_keys: bool,
    /// `true` if the database does not support `SKIP LOCKED`.
    pub(crate) without_skip_locked: bool,
    /// `true` if a transaction may create one object only.
    pub(crate) separate_ddl: bool,
    pub(crate) schema: Option<String>,
    pub(crate) user_relation_key: String,
    pub(crate) date_time_format: DateTimeFormat,
    pub(crate) user_id_type: Option<String>,
    pub(crate) password_hash_length: usize,
    pub(crate) password_keys_only: bool,
}

/// The length of a hash by the default hasher of `lucia-auth`.
const ARGON2ID_HASH_LENGTH: usize = 97;

impl Default for SqlConfig {
    fn default() -> Self {
        Self {
            user: Table::named("User"),
            session: Table::named("Session"),
            key: Table::named("Key"),
            token: None,
            without_user_table: false,
            without_foreign_keys: false,
            without_skip_locked: false,
            separate_ddl: false,
            schema: None,
            user_relation_key: "user".to_owned(),
            date_time_format: DateTimeFormat::default(),
            user_id_type: None,
            password_hash_length: ARGON2ID_HASH_LENGTH,
            password_keys_only: false,
        }
    }
}

impl SqlConfig {
    /// Creates the default configuration: the tables `User`, `Session` and `Key` of [Lucia v2's Prisma
    /// guide](https://v2.lucia-auth.com/database-adapters/prisma).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a configuration for the tables in the guides of Lucia JS's adapters for SQL drivers: `auth_user`,
    /// `user_session` and `user_key`.
    ///
    /// If the tables have other names, set those on the returned configuration.
    ///
    /// ```
    /// # use lucia_sql::{SqlConfig, Table};
    /// # let config = SqlConfig::lucia_sql();
    /// // betterSqlite3(db, { user: "auth_user", session: "user_session", key: "user_key" }) needs nothing else.
    /// // pg(pool, { user: "user", session: "user_session", key: "user_key" })
    /// let config = config.user(Table::named("user"));
    /// ```
    #[must_use]
    pub fn lucia_sql() -> Self {
        Self {
            user: Table::named("auth_user"),
            session: Table::named("user_session"),
            key: Table::named("user_key"),
            ..Self::default()
        }
    }

    /// Sets the table of users.
    #[must_use]
    pub fn user(mut self, table: Table) -> Self {
        self.user = table;
        self
    }

    /// Sets the table of sessions.
    #[must_use]
    pub fn session(mut self, table: Table) -> Self {
        self.session = table;
        self
    }

    /// Sets the table of keys. Columns other than Lucia's own fields are ignored, because keys have no attributes.
    #[must_use]
    pub fn key(mut self, table: Table) -> Self {
        self.key = table;
        self
    }

    /// Adds a table of tokens and counters, which an [adapter for tokens](crate::SqlTokenAdapter) uses.
    ///
    /// Without this call, [`create_tables`](Self::create_tables) does not create the table, and an
    /// [adapter for users](crate::SqlAdapter) does not use it. With it, that adapter checks the table when it is created,
    /// and deletes the tokens of a user together with the user. The adapter for tokens itself defaults to the table
    /// `Token`.
    ///
    /// ```
    /// # use lucia_sql::{SqlConfig, Table};
    /// # let config = SqlConfig::default();
    /// let config = config.token(Table::named("Token"));
    /// ```
    #[must_use]
    pub fn token(mut self, table: Table) -> Self {
        self.token = Some(table);
        self
    }

    /// Omits the foreign key of tokens to the table of users, for users in another database.
    ///
    /// Only an [adapter for tokens](crate::SqlTokenAdapter) and the creation of its table use this. The tokens of a
    /// deleted user then remain until they expire, unless an adapter for users with [`token`](Self::token) deletes them.
    #[must_use]
    pub const fn without_user_table(mut self) -> Self {
        self.without_user_table = true;
        self
    }

    /// Omits all foreign keys, for a database that does not support or enforce them. In a Prisma schema this is
    /// `relationMode = "prisma"`.
    ///
    /// On Postgres and MySQL, the insert of a session, key or token then locks its user like the check of a foreign key,
    /// and deleting a user waits for such inserts, so that no row remains without its user. An adapter does the same for
    /// each table that has no foreign key to the table of users when the adapter is created. This method is only needed
    /// for [`create_tables`](Self::create_tables), and for foreign keys that exist but are not enforced.
    ///
    /// ```
    /// # let config = lucia_sql::SqlConfig::default();
    /// let config = config.without_foreign_keys();
    /// ```
    #[must_use]
    pub const fn without_foreign_keys(mut self) -> Self {
        self.without_foreign_keys = true;
        self
    }

    /// Deletes expired sessions and tokens without `SKIP LOCKED`, for a database with the protocol of Postgres that does
    /// not support it.
    ///
    /// The deletion then waits for transactions that have locked an expired row. MySQL and SQLite do not use this.
    ///
    /// ```
    /// # let config = lucia_sql::SqlConfig::default();
    /// let config = config.without_skip_locked();
    /// ```
    #[must_use]
    pub const fn without_skip_locked(mut self) -> Self {
        self.without_skip_locked = true;
        self
    }

    /// Creates each table and index in a transaction of its own, for a database that does not allow more than one such
    /// statement in a transaction.
    ///
    /// If [`create_tables`](Self::create_tables) fails, the tables and indexes that it has created remain. The next call
    /// creates the others.
    ///
    /// ```
    /// # let config = lucia_sql::SqlConfig::default();
    /// let config = config.separate_ddl();
    /// ```
    #[must_use]
    pub const fn separate_ddl(mut self) -> Self {
        self.separate_ddl = true;
        self
    }

    /// Sets the schema of the tables on Postgres, as `?schema=` does in a URL of Prisma. Defaults to the first schema
    /// of the connections' `search_path`, usually `public`.
    ///
    /// On MySQL this is the database, and defaults to the database of the connections. SQLite does not use it.
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// Sets Lucia's `userRelationKey`, the name of the relation field from sessions and keys to users. Defaults to
    /// `user`.
    ///
    /// Prisma Client needs this name to include the user of a session. This adapter joins by the column `user_id`
    /// instead: it checks that the name is valid, but does not use it.
    #[must_use]
    pub fn user_relation_key(mut self, field: impl Into<String>) -> Self {
        self.user_relation_key = field.into();
        self
    }

    /// Sets the SQL type of user ids in the tables that [`create_tables`](Self::create_tables) creates, as `@db.Uuid`
    /// does in Prisma: the type of `id` in the table of users, and of `user_id` in the other tables. Defaults to the
    /// usual type of strings, or to the type of `id` if the table of users exists and its ids are UUIDs.
    ///
    /// Ids of a `UUID` column are written in lower case with hyphens. To have `lucia-auth` generate such ids, set
    /// `AuthBuilder::user_id`.
    ///
    /// ```
    /// # let config = lucia_sql::SqlConfig::default();
    /// // id String @id @unique @db.Uuid
    /// let config = config.user_id_type("UUID");
    /// ```
    #[must_use]
    pub fn user_id_type(mut self, sql: impl Into<String>) -> Self {
        self.user_id_type = Some(sql.into());
        self
    }

    /// Sets the number of characters for which `hashed_password` must have room. This is checked when the adapter is
    /// created. Defaults to 97, the length of a hash by `lucia-auth`'s `Argon2id::default()`.
    ///
    /// A hash by Lucia JS or `LuciaScrypt` has 148 characters, and a bcrypt hash has 60. Use 0 if there are no
    /// passwords.
    ///
    /// ```
    /// # let config = lucia_sql::SqlConfig::default();
    /// // A column VARCHAR(60), for bcrypt hashes.
    /// let config = config.password_hash_length(60);
    /// ```
    #[must_use]
    pub const fn password_hash_length(mut self, characters: usize) -> Self {
        self.password_hash_length = characters;
        self
    }

    /// Declares that every key has a password, so that `hashed_password` may be `NOT NULL`.
    ///
    /// Keys without a password, such as those of OAuth, are then rejected with
    /// [`InvalidAttribute`](lucia_core::AdapterErrorKind::InvalidAttribute).
    ///
    /// ```
    /// # let config = lucia_sql::SqlConfig::default();
    /// // hashed_password String
    /// let config = config.password_keys_only();
    /// ```
    #[must_use]
    pub const fn password_keys_only(mut self) -> Self {
        self.password_keys_only = true;
        self
    }

    /// Sets the form in which times are written on SQLite. Defaults to [`DateTimeFormat::AsFound`].
    #[must_use]
    pub const fn date_time_format(mut self, format: DateTimeFormat) -> Self {
        self.date_time_format = format;
        self
    }

    /// Returns the table of tokens, or its default.
    pub(crate) fn token_table(&self) -> Table {
        self.token.clone().unwrap_or_else(|| Table::named("Token"))
    }
}

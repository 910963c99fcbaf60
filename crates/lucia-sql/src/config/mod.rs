//! Names and types that the application sets. They are checked when the adapter or its tables are created.

mod names;
mod attribute;
mod table;

pub(crate) use self::{attribute::AttributeDefault, names::is_valid_type};
pub use self::{
    attribute::{Attribute, AttributeType},
    names::is_valid_name,
    table::Table,
};

/// The format of times in `DateTime` columns on SQLite. Reading accepts every format, row by row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DateTimeFormat {
    /// The form of the newest row of each column when the adapter is made; [`Iso8601`](Self::Iso8601) for an empty table.
    #[default]
    AsFound,
    /// Text such as `2023-07-06T05:04:03.021+00:00`: what Prisma 7 writes by default.
    Iso8601,
    /// Milliseconds since 1970 as an integer: what Prisma wrote before, and writes with `timestampFormat: "unixepoch-ms"`.
    UnixEpochMillis,
}

/// The tables and columns to use. Defaults to the Prisma document's default mode: `User`, `Session` and `Key`.
///
/// ```
/// use lucia_sql::{SqlConfig, Table};
///
/// // modelNames: { user: "authUser", session: "authSession", key: "authKey" }, userRelationKey: "auth_user"
/// let config = SqlConfig::default()
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
    pub(crate) schema: Option<String>,
    pub(crate) user_relation_key: String,
    pub(crate) date_time_format: DateTimeFormat,
    pub(crate) user_id_type: Option<String>,
    pub(crate) password_hash_length: usize,
    pub(crate) password_keys_only: bool,
}

/// The length of the hashes of `lucia-auth`'s default hasher.
const ARGON2ID_HASH_LENGTH: usize = 97;

impl Default for SqlConfig {
    fn default() -> Self {
        Self {
            user: Table::named("User"),
            session: Table::named("Session"),
            key: Table::named("Key"),
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
    /// Creates a configuration of the tables in the guides of Lucia's adapters for SQL drivers: `auth_user`, `user_session` and `user_key`.
    ///
    /// Rename those that have other names in your database.
    ///
    /// ```
    /// use lucia_sql::{SqlConfig, Table};
    ///
    /// // betterSqlite3(db, { user: "auth_user", session: "user_session", key: "user_key" })
    /// let config = SqlConfig::lucia_sql();
    /// // pg(pool, { user: "user", session: "user_session", key: "user_key" })
    /// let config = SqlConfig::lucia_sql().user(Table::named("user"));
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

    /// Sets the table of keys. Its other columns are ignored: a key has no attributes.
    #[must_use]
    pub fn key(mut self, table: Table) -> Self {
        self.key = table;
        self
    }

    /// Sets the schema of the tables on Postgres, as `?schema=` in a Prisma URL does. Defaults to the first schema of the
    /// connection's `search_path`, usually `public`.
    ///
    /// On MySQL it is the database, if the tables are in another one than the connection's. SQLite has no schemas.
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// Sets Lucia's `userRelationKey`, the relation field from session and key to user. It is validated like every name and has
    /// no other effect, as this adapter joins by the column `user_id`.
    #[must_use]
    pub fn user_relation_key(mut self, field: impl Into<String>) -> Self {
        self.user_relation_key = field.into();
        self
    }

    /// Sets the type of user ids in the tables that [`create_tables`](Self::create_tables) makes: that of the users' `id`, and
    /// that of `user_id` in the others. It is SQL, such as `UUID` for Prisma's `@db.Uuid`. Defaults to the type of strings, or to
    /// the type of the users' `id` if that table exists and its ids are UUIDs.
    ///
    /// Ids of a `UUID` column are written in lower case with hyphens. `lucia-auth` generates them if `AuthBuilder::user_id` says how.
    ///
    /// ```
    /// use lucia_sql::SqlConfig;
    ///
    /// // id String @id @unique @db.Uuid
    /// let config = SqlConfig::default().user_id_type("UUID");
    /// ```
    #[must_use]
    pub fn user_id_type(mut self, sql: impl Into<String>) -> Self {
        self.user_id_type = Some(sql.into());
        self
    }

    /// Sets how many characters `hashed_password` must hold, which is checked when the adapter is created. Defaults to 97, the
    /// length of the hashes of `lucia-auth`'s `Argon2id::default()`.
    ///
    /// Hashes of Lucia JS and `LuciaScrypt` have 148 characters, those of bcrypt 60. Set it to 0 if there are no passwords.
    ///
    /// ```
    /// use lucia_sql::SqlConfig;
    ///
    /// // A column VARCHAR(60), for a hasher of bcrypt.
    /// let config = SqlConfig::default().password_hash_length(60);
    /// ```
    #[must_use]
    pub const fn password_hash_length(mut self, characters: usize) -> Self {
        self.password_hash_length = characters;
        self
    }

    /// Declares that every key has a password, so that `hashed_password` may be `NOT NULL`. A key without one, as those of
    /// OAuth are, is then refused as `InvalidAttribute`.
    ///
    /// ```
    /// use lucia_sql::SqlConfig;
    ///
    /// // hashed_password String
    /// let config = SqlConfig::default().password_keys_only();
    /// ```
    #[must_use]
    pub const fn password_keys_only(mut self) -> Self {
        self.password_keys_only = true;
        self
    }

    /// Sets how times are written on SQLite.
    #[must_use]
    pub const fn date_time_format(mut self, format: DateTimeFormat) -> Self {
        self.date_time_format = format;
        self
    }
}

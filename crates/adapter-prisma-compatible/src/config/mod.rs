//! Names and types that the application may set. Nothing here is checked before it meets the database.

mod attribute;
mod names;
mod table;

pub(crate) use self::{
    attribute::AttributeDefault,
    names::{is_valid_name, is_valid_type},
};
pub use self::{
    attribute::{Attribute, AttributeType},
    table::Table,
};

/// How times are written to `DateTime` columns on SQLite. Reading takes every form, row by row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DateTimeFormat {
    /// As the newest row of each column has it when the adapter is made; [`Iso8601`](Self::Iso8601) if there is none.
    #[default]
    AsFound,
    /// Text such as `2023-07-06T05:04:03.021+00:00`: what Prisma 7 writes by default.
    Iso8601,
    /// Milliseconds since 1970 as an integer: what Prisma wrote before, and writes with `timestampFormat: "unixepoch-ms"`.
    UnixEpochMillis,
}

/// Which tables and columns to use. The default is the Prisma document's default mode: `User`, `Session` and `Key`.
///
/// ```
/// use adapter_prisma_compatible::{PrismaConfig, Table};
///
/// // modelNames: { user: "authUser", session: "authSession", key: "authKey" }, userRelationKey: "auth_user"
/// let config = PrismaConfig::default()
///     .user(Table::model("authUser"))
///     .session(Table::model("authSession"))
///     .key(Table::model("authKey"))
///     .user_relation_key("auth_user");
/// ```
#[derive(Clone, Debug)]
pub struct PrismaConfig {
    pub(crate) user: Table,
    pub(crate) session: Table,
    pub(crate) key: Table,
    pub(crate) schema: Option<String>,
    pub(crate) user_relation_key: String,
    pub(crate) date_time_format: DateTimeFormat,
}

impl Default for PrismaConfig {
    fn default() -> Self {
        Self {
            user: Table::named("User"),
            session: Table::named("Session"),
            key: Table::named("Key"),
            schema: None,
            user_relation_key: "user".to_owned(),
            date_time_format: DateTimeFormat::default(),
        }
    }
}

impl PrismaConfig {
    /// The tables that Lucia's own adapters for SQL drivers use in its guides: `auth_user`, `user_session` and `user_key`.
    ///
    /// Where the guides' tables were given other names, rename them here like any.
    ///
    /// ```
    /// use adapter_prisma_compatible::{PrismaConfig, Table};
    ///
    /// // betterSqlite3(db, { user: "auth_user", session: "user_session", key: "user_key" })
    /// let config = PrismaConfig::lucia_sql();
    /// // pg(pool, { user: "user", session: "user_session", key: "user_key" })
    /// let config = PrismaConfig::lucia_sql().user(Table::named("user"));
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

    /// The table of users.
    #[must_use]
    pub fn user(mut self, table: Table) -> Self {
        self.user = table;
        self
    }

    /// The table of sessions.
    #[must_use]
    pub fn session(mut self, table: Table) -> Self {
        self.session = table;
        self
    }

    /// The table of keys. Its further columns are left alone: a key has no attributes.
    #[must_use]
    pub fn key(mut self, table: Table) -> Self {
        self.key = table;
        self
    }

    /// The schema of the tables on Postgres: what Prisma's url says by `?schema=`. Without it, it is the first schema of the
    /// connections' `search_path`, which is `public` unless somebody changed it.
    ///
    /// On MySQL it is the database, if that is another one than the connections'. SQLite has none.
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// Lucia's `userRelationKey`: the relation field from session and key to user.
    ///
    /// A Prisma client needs it to include the user of a session. The database knows no relation fields, only the column
    /// `user_id` that this adapter joins by; the name is checked like every other, and changes nothing.
    #[must_use]
    pub fn user_relation_key(mut self, field: impl Into<String>) -> Self {
        self.user_relation_key = field.into();
        self
    }

    /// How times are written on SQLite.
    #[must_use]
    pub const fn date_time_format(mut self, format: DateTimeFormat) -> Self {
        self.date_time_format = format;
        self
    }
}

/// The kind of database that a driver runs statements on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Database {
    /// Postgres.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
    /// SQLite.
    Sqlite,
    /// Cloudflare D1: SQLite whose numbers arrive as doubles, and whose tables are expected to match the configuration.
    D1,
}

impl Database {
    /// Returns the name of the database for error messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "Postgres",
            Self::MySql => "MySQL",
            Self::Sqlite => "SQLite",
            Self::D1 => "D1",
        }
    }
}

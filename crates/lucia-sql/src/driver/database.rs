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
    /// Cloudflare's D1: SQLite whose numbers arrive as doubles, and whose tables are taken as they are configured.
    D1,
}

impl Database {
    /// Returns the name that errors have for it.
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

/// A database, as `schema.prisma` calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    Sqlite(Driver),
    Postgres,
    MySql,
}

/// The library on which the adapter runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driver {
    Sqlx,
    Rusqlite,
}

impl Provider {
    pub(crate) const ALL: [Self; 4] =
        [Self::Sqlite(Driver::Sqlx), Self::Sqlite(Driver::Rusqlite), Self::Postgres, Self::MySql];

    /// Returns the start of the names of the cases.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Sqlite(Driver::Rusqlite) => "rusqlite",
            other => other.name(),
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres => "postgresql",
            Self::MySql => "mysql",
        }
    }

    /// Returns the tables of the Lucia JS guides for SQL drivers, with a column for each attribute.
    pub(crate) const fn sql_guide(self) -> &'static str {
        match self {
            Self::Postgres => {
                "CREATE TABLE auth_user (
                     id TEXT NOT NULL PRIMARY KEY,
                     username TEXT NOT NULL UNIQUE
                 );
                 CREATE TABLE user_key (
                     id TEXT NOT NULL PRIMARY KEY,
                     user_id TEXT NOT NULL REFERENCES auth_user(id),
                     hashed_password TEXT
                 );
                 CREATE TABLE user_session (
                     id TEXT NOT NULL PRIMARY KEY,
                     user_id TEXT NOT NULL REFERENCES auth_user(id),
                     active_expires BIGINT NOT NULL,
                     idle_expires BIGINT NOT NULL,
                     country TEXT
                 );"
            }
            Self::Sqlite(_) | Self::MySql => {
                "CREATE TABLE auth_user (
                     id VARCHAR(15) NOT NULL PRIMARY KEY,
                     username VARCHAR(31) NOT NULL UNIQUE
                 );
                 CREATE TABLE user_key (
                     id VARCHAR(255) NOT NULL PRIMARY KEY,
                     user_id VARCHAR(15) NOT NULL,
                     hashed_password VARCHAR(255),
                     FOREIGN KEY (user_id) REFERENCES auth_user(id)
                 );
                 CREATE TABLE user_session (
                     id VARCHAR(127) NOT NULL PRIMARY KEY,
                     user_id VARCHAR(15) NOT NULL,
                     active_expires BIGINT NOT NULL,
                     idle_expires BIGINT NOT NULL,
                     country VARCHAR(2),
                     FOREIGN KEY (user_id) REFERENCES auth_user(id)
                 );"
            }
        }
    }
}

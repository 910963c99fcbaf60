/// A database, as `schema.prisma` calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    Sqlite,
    Postgres,
    MySql,
}

impl Provider {
    pub(crate) const ALL: [Self; 3] = [Self::Sqlite, Self::Postgres, Self::MySql];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
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
            Self::Sqlite | Self::MySql => {
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

use adapter_prisma_compatible::{
    Database as Kind, Pool as _, PrismaAdapter, PrismaConfig, PrismaTokenAdapter, PrismaUserAdapter, RusqlitePool,
    SetupError, Table, mysql, postgres,
    sqlx::{MySqlPool, PgPool},
};
use lucia_core::UnixMillis;
use lucia_sql::{
    driver::{Driver, DriverError, Query, SqlValue},
    is_valid_name,
};

use crate::{arguments::Names, failure::Failure};

/// A database with tables like those of Prisma.
pub(crate) enum Database {
    Postgres(PgPool),
    MySql(MySqlPool),
    Sqlite(RusqlitePool),
}

/// Evaluates an expression with the pool of the database.
macro_rules! with_pool {
    ($database:expr, $pool:ident => $run:expr) => {
        match $database {
            Database::Postgres($pool) => $run,
            Database::MySql($pool) => $run,
            Database::Sqlite($pool) => $run,
        }
    };
}

impl Database {
    pub(super) async fn connect(url: &str, names: &Names) -> Result<Self, Failure> {
        let tables = [&names.user_table, &names.session_table, &names.key_table];
        if let Some(name) = tables.into_iter().chain(&names.token_table).find(|name| !is_valid_name(name)) {
            return Err(format!("invalid name of a table: `{}`", name.escape_debug()).into());
        }
        Ok(match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("postgres" | "postgresql") => Self::Postgres(postgres::connect(url).await?),
            Some("mysql" | "mariadb") => Self::MySql(mysql::connect(url).await?),
            Some("sqlite" | "file") => Self::Sqlite(RusqlitePool::connect(url).await?),
            _ => {
                return Err("unknown store: a URL must begin with postgres://, mysql://, sqlite:, file:, redis://, \
                            rediss://, http:// or https://"
                    .into());
            }
        })
    }

    pub(crate) fn config(names: &Names) -> PrismaConfig {
        let config = PrismaConfig::default()
            .user(Table::named(&names.user_table))
            .session(Table::named(&names.session_table))
            .key(Table::named(&names.key_table));
        let config = match &names.token_table {
            Some(name) => config.token(Table::named(name)),
            None => config,
        };
        match &names.schema {
            Some(schema) => config.schema(schema),
            None => config,
        }
    }

    pub(crate) async fn adapter(&self, names: &Names) -> Result<PrismaAdapter, SetupError> {
        with_pool!(self, pool => PrismaAdapter::with_config(pool.clone(), Self::config(names)).await)
    }

    pub(crate) async fn user_adapter(&self, names: &Names) -> Result<PrismaUserAdapter, SetupError> {
        with_pool!(self, pool => PrismaUserAdapter::with_config(pool.clone(), Self::config(names)).await)
    }

    pub(crate) async fn token_adapter(&self, names: &Names) -> Result<PrismaTokenAdapter, SetupError> {
        with_pool!(self, pool => PrismaTokenAdapter::with_config(pool.clone(), Self::config(names)).await)
    }

    pub(crate) async fn create_tables(&self, names: &Names, with_sessions: bool) -> Result<(), SetupError> {
        let config = Self::config(names);
        with_pool!(self, pool => match with_sessions {
            true => config.create_tables(pool).await,
            false => config.create_user_tables(pool).await,
        })
    }

    pub(crate) fn create_tables_sql(&self, names: &Names, with_sessions: bool) -> Result<String, SetupError> {
        let (config, database) = (Self::config(names), self.driver().database());
        if with_sessions { config.create_tables_sql(database) } else { config.create_user_tables_sql(database) }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.driver().database().name()
    }

    /// Returns the server's clock, `None` for a file.
    pub(crate) async fn now(&self) -> Result<Option<UnixMillis>, DriverError> {
        let sql = match self {
            Self::Postgres(_) => "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
            Self::MySql(_) => "SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)",
            Self::Sqlite(_) => return Ok(None),
        };
        let row = self.driver().fetch_optional(&Query::new(sql, [])).await?;
        Ok(match row.as_deref() {
            Some([SqlValue::Integer(now)]) => Some(UnixMillis::new(*now)),
            _ => None,
        })
    }

    /// Returns whether an index begins with a column, so that rows are found by it.
    pub(crate) async fn has_index(&self, names: &Names, table: &str, column: &str) -> Result<bool, DriverError> {
        let (sql, parameters): (&str, Vec<SqlValue>) = match self {
            Self::Postgres(_) => (
                "SELECT a.attname::text FROM pg_index AS i \
                 JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] \
                 WHERE i.indrelid = to_regclass($1::text)::oid AND i.indisvalid AND i.indpred IS NULL",
                vec![self.qualified(names, table).as_str().into()],
            ),
            Self::MySql(_) => (
                "SELECT CAST(COLUMN_NAME AS CHAR) FROM information_schema.STATISTICS \
                 WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? AND SEQ_IN_INDEX = 1",
                vec![names.schema.as_deref().map_or(SqlValue::Null, SqlValue::from), table.into()],
            ),
            Self::Sqlite(_) => (
                "SELECT c.name FROM pragma_index_list(?) AS i, pragma_index_info(i.name) AS c \
                 WHERE c.seqno = 0 AND NOT i.partial",
                vec![table.into()],
            ),
        };
        let rows = self.driver().fetch_all(&Query::new(sql, parameters)).await?;
        let is_column = |cell: &SqlValue| matches!(cell, SqlValue::Text(name) if name.eq_ignore_ascii_case(column));
        Ok(rows.iter().any(|row| row.first().is_some_and(is_column)))
    }

    /// Returns the statement that creates an index.
    pub(crate) fn create_index(&self, names: &Names, table: &str, column: &str) -> String {
        let name = self.quoted(&format!("{table}_{column}_idx"));
        format!("CREATE INDEX {name} ON {}({})", self.qualified(names, table), self.quoted(column))
    }

    fn qualified(&self, names: &Names, table: &str) -> String {
        let schema = names.schema.iter().map(|schema| self.quoted(schema) + ".");
        schema.chain([self.quoted(table)]).collect()
    }

    fn quoted(&self, name: &str) -> String {
        let quote = if self.driver().database() == Kind::MySql { '`' } else { '"' };
        format!("{quote}{name}{quote}")
    }

    fn driver(&self) -> Box<dyn Driver> {
        with_pool!(self, pool => pool.driver())
    }
}

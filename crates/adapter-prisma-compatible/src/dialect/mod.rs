//! What differs from one database's SQL to another's.

#[cfg(any(feature = "mysql", feature = "diesel-mysql"))]
mod mysql;
#[cfg(any(feature = "postgres", feature = "diesel-postgres"))]
mod postgres;
#[cfg(any(feature = "sqlite", feature = "diesel-sqlite"))]
mod sqlite;

use std::fmt::Debug;

use async_trait::async_trait;

#[cfg(any(feature = "mysql", feature = "diesel-mysql"))]
pub(crate) use self::mysql::{MySql, failure as mysql_failure};
#[cfg(any(feature = "postgres", feature = "diesel-postgres"))]
pub(crate) use self::postgres::{Postgres, postgres_cell};
#[cfg(any(feature = "sqlite", feature = "diesel-sqlite"))]
pub(crate) use self::sqlite::{Sqlite, place as sqlite_place};
use crate::{
    Mismatch,
    config::{AttributeType, DateTimeFormat},
    driver::{Driver, DriverError, Query},
    schema::{Column, FoundColumn, FoundTable, NewTable, Object, SessionTable, TimeForm},
    sql::{Operand, Text},
};

/// A database's SQL.
#[async_trait]
pub(crate) trait Dialect: Debug + Send + Sync {
    /// The name of the database.
    fn name(&self) -> &'static str;

    /// An identifier, quoted.
    fn quote(&self, name: &str) -> String;

    /// The placeholder of the parameter number `index`, which counts from 1: a value of this kind for a column of this
    /// type. A dialect whose driver tells the server no types, or wrong ones, casts it.
    fn parameter(&self, index: usize, kind: AttributeType, sql_type: &str) -> String;

    /// Whether placeholders have no number. A parameter that occurs twice is then bound twice.
    fn is_positional(&self) -> bool {
        false
    }

    /// A column in the list of what is selected, cast to what the driver can read.
    fn selected(&self, sql: String, column: &Column) -> String {
        let _ = column;
        sql
    }

    /// Whether two ids are equal to the byte.
    fn same_id(&self, text: Text, one: Operand<'_>, other: Operand<'_>) -> Text {
        text.operand(one).push(" = ").operand(other)
    }

    /// What stands between a list of values and its `WHERE`.
    fn dual(&self) -> &'static str {
        ""
    }

    /// Goes on from `DELETE FROM <sessions>` to those that expired before a time, which is the first parameter, and at most
    /// as many as the second one says. Rows that others have locked may be left out.
    fn delete_expired(&self, text: Text, session: &SessionTable) -> Text {
        let SessionTable { table, id, idle_expires, .. } = session;
        text.push(" WHERE ")
            .column(table, id)
            .push(" IN (SELECT ")
            .column(table, id)
            .push(" FROM ")
            .table(table)
            .push(" WHERE ")
            .compare(table, idle_expires, " < ")
            .push(" LIMIT ")
            .number()
            .push(")")
    }

    /// Where a `DELETE` locks every row that it looks at, and not only those that it deletes: the start of one that looks for
    /// sessions by the index of their ids, up to its `WHERE`. The expired ones are then looked for without a lock.
    fn delete_by_id(&self, text: Text, session: &SessionTable) -> Option<Text> {
        let _ = (text, session);
        None
    }

    /// Whether a write can be a part of another: `WITH … AS (INSERT …) INSERT …`.
    fn nests_writes(&self) -> bool {
        false
    }

    /// How times are written to a column.
    fn time_form(&self, column: &FoundColumn, format: DateTimeFormat) -> TimeForm;

    /// Whether text that looks like a number becomes one in columns of JSON and decimal numbers.
    fn has_numeric_affinity(&self) -> bool {
        false
    }

    /// Whether it has UUIDs, which it compares with no text, and lists.
    fn has_uuids_and_lists(&self) -> bool {
        false
    }

    /// Whether two names are one to the database.
    fn same_name(&self, one: &str, other: &str) -> bool;

    /// What a column of this type is declared as.
    fn declared_type(&self, kind: AttributeType) -> &'static str;

    /// What is wrong with the settings of the connections.
    async fn settings(&self, driver: &dyn Driver, schema: Option<&str>) -> Result<Vec<Mismatch>, DriverError> {
        let _ = (driver, schema);
        Ok(Vec::new())
    }

    /// Returns the schema that qualifies the tables, given the configured one; `None` if they are not qualified.
    async fn schema(&self, driver: &dyn Driver, configured: Option<&str>) -> Result<Option<String>, DriverError> {
        let _ = (driver, configured);
        Ok(None)
    }

    /// Reads what the database knows of a table; `None` if it does not exist.
    async fn introspect(
        &self,
        driver: &dyn Driver,
        schema: Option<&str>,
        table: &str,
    ) -> Result<Option<FoundTable>, DriverError>;

    /// The statements that Prisma would make these tables with, in order. The first is the users'.
    fn definitions(&self, schema: Option<&str>, tables: &[NewTable]) -> Vec<Object>;

    /// A query for the names of everything that [`definitions`](Self::definitions) makes.
    fn object_names(&self, schema: Option<&str>) -> Query;
}

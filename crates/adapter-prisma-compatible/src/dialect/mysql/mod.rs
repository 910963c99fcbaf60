mod create;
pub(crate) mod failure;
mod introspect;
mod settings;
mod types;

use async_trait::async_trait;

use super::Dialect;
use crate::{
    Mismatch,
    config::{AttributeType, DateTimeFormat},
    driver::{Driver, DriverError, Query},
    schema::{Column, FoundColumn, FoundTable, NewTable, Object, SessionTable, TimeForm},
    sql::{Operand, Text},
};

/// The SQL of MySQL and MariaDB, and tables as Prisma makes them there.
#[derive(Debug)]
pub(crate) struct MySql;

#[async_trait]
impl Dialect for MySql {
    fn name(&self) -> &'static str {
        "MySQL"
    }

    fn quote(&self, name: &str) -> String {
        format!("`{}`", name.replace('`', "``"))
    }

    fn parameter(&self, _index: usize, _kind: AttributeType, _sql_type: &str) -> String {
        "?".to_owned()
    }

    fn is_positional(&self) -> bool {
        true
    }

    /// What some drivers tell no reader apart: text of a binary collation, which MariaDB's JSON is, from bytes, and a
    /// Boolean from a number. Only 1 is true to Prisma.
    fn selected(&self, sql: String, column: &Column) -> String {
        match column.kind {
            AttributeType::Boolean => format!("{sql} = 1"),
            AttributeType::String | AttributeType::Json if column.sql_type.ends_with(" BINARY") => {
                format!("CONVERT({sql} USING utf8mb4)")
            }
            _ => sql,
        }
    }

    /// The collation of Prisma's tables takes ids for equal that differ by case, accents, trailing spaces or emoji. Its
    /// comparison finds the rows by the index, and that of the bytes decides.
    fn same_id(&self, text: Text, one: Operand<'_>, other: Operand<'_>) -> Text {
        let text = text.operand(one).push(" = ").operand(other).push(" AND ");
        bytes(bytes(text, one).push(" = "), other)
    }

    fn dual(&self) -> &'static str {
        " FROM DUAL"
    }

    /// `InnoDB` locks what it looks at, also in a subquery, up to the end of the transaction. Of a small table the optimizer
    /// would have it look at every row, unless it is told otherwise.
    fn delete_by_id(&self, text: Text, session: &SessionTable) -> Option<Text> {
        let SessionTable { table, id, constraints, .. } = session;
        let mut indexes = constraints.iter().filter(|index| index.references.is_none() && index.column == id.name);
        // Each is there with the table before its name as well, and the primary key has always the same.
        let index = indexes.clone().find(|index| index.name == "PRIMARY").or_else(|| indexes.next_back());
        let text = text.push("DELETE ").table(table).push(" FROM ").table(table);
        Some(match index {
            Some(index) => text.push(" FORCE INDEX (").push(&self.quote(&index.name)).push(")"),
            None => text,
        })
    }

    fn time_form(&self, _column: &FoundColumn, _format: DateTimeFormat) -> TimeForm {
        TimeForm::Plain
    }

    /// Of columns always; of tables it depends on the server, which has been asked by then.
    fn same_name(&self, one: &str, other: &str) -> bool {
        one.to_lowercase() == other.to_lowercase()
    }

    fn declared_type(&self, kind: AttributeType) -> &'static str {
        match kind {
            AttributeType::String => "VARCHAR(191)",
            AttributeType::Int => "INTEGER",
            AttributeType::BigInt => "BIGINT",
            AttributeType::Float => "DOUBLE",
            AttributeType::Boolean => "BOOLEAN",
            AttributeType::DateTime => "DATETIME(3)",
            AttributeType::Json => "JSON",
            AttributeType::Bytes => "LONGBLOB",
            AttributeType::Decimal => "DECIMAL(65, 30)",
        }
    }

    async fn settings(&self, driver: &dyn Driver, schema: Option<&str>) -> Result<Vec<Mismatch>, DriverError> {
        settings::wrong(driver, schema).await
    }

    /// A database, which tables are qualified with if it is another one than the connection's.
    async fn schema(&self, _driver: &dyn Driver, configured: Option<&str>) -> Result<Option<String>, DriverError> {
        Ok(configured.map(str::to_owned))
    }

    async fn introspect(
        &self,
        driver: &dyn Driver,
        schema: Option<&str>,
        table: &str,
    ) -> Result<Option<FoundTable>, DriverError> {
        introspect::introspect(driver, schema, table).await
    }

    fn definitions(&self, schema: Option<&str>, tables: &[NewTable]) -> Vec<Object> {
        create::definitions(schema, tables)
    }

    fn object_names(&self, schema: Option<&str>) -> Query {
        introspect::object_names(schema)
    }
}

/// The bytes of an id in UTF-8, whatever its column is stored in.
fn bytes(text: Text, operand: Operand<'_>) -> Text {
    match operand {
        Operand::Column(..) => text.push("CAST(CONVERT(").operand(operand).push(" USING utf8mb4) AS BINARY)"),
        Operand::Parameter(..) => text.push("CAST(").operand(operand).push(" AS BINARY)"),
    }
}

/// The name of a table, with its database if that is named.
fn qualified(database: Option<&str>, table: &str) -> String {
    let table = MySql.quote(table);
    database.map_or_else(|| table.clone(), |database| format!("{}.{table}", MySql.quote(database)))
}

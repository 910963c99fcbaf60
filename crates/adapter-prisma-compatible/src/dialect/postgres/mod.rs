mod cell;
mod create;
mod introspect;

use async_trait::async_trait;

pub(crate) use self::cell::read as postgres_cell;
use super::Dialect;
use crate::{
    Mismatch,
    config::{AttributeType, DateTimeFormat},
    driver::{Driver, DriverError, Query, SqlValue},
    schema::{Column, FoundColumn, FoundTable, NewTable, Object, SessionTable, TimeForm},
    sql::Text,
};

/// The SQL of Postgres, and tables as Prisma makes them there.
#[derive(Debug)]
pub(crate) struct Postgres;

#[async_trait]
impl Dialect for Postgres {
    fn name(&self) -> &'static str {
        "Postgres"
    }

    fn quote(&self, name: &str) -> String {
        format!("\"{}\"", name.replace('"', "\"\""))
    }

    /// The first cast says what the bytes of the parameter are, whatever a driver says of them; the second one makes it the
    /// column's own.
    fn parameter(&self, index: usize, kind: AttributeType, sql_type: &str) -> String {
        let sent = match kind {
            AttributeType::String | AttributeType::DateTime | AttributeType::Json | AttributeType::Decimal => "text",
            AttributeType::Int | AttributeType::BigInt => "int8",
            AttributeType::Float => "float8",
            AttributeType::Boolean => "bool",
            AttributeType::Bytes => "bytea",
        };
        match sql_type {
            _ if sql_type == sent => format!("${index}::{sent}"),
            // A part of a time in full.
            "date" | "time" => format!("${index}::text::timestamp::{sql_type}"),
            "_date" | "_time" => format!("${index}::text::_timestamp::{sql_type}"),
            // Numbers have a point; money has what the server's locale says.
            "money" => format!("${index}::text::numeric::money"),
            "_money" => format!("${index}::text::_numeric::_money"),
            _ => format!("${index}::{sent}::{sql_type}"),
        }
    }

    /// Texts and integers have one type each, so that a prepared statement outlives a column that is made wider.
    fn selected(&self, sql: String, column: &Column) -> String {
        match column.sql_type.as_str() {
            // JSON has other digits than these.
            "_numeric" | "_money" => format!("pg_catalog.array_to_json({sql}::_numeric::_text)::text"),
            _ if column.list => format!("pg_catalog.array_to_json({sql})::text"),
            "int2" | "int4" | "int8" => format!("{sql}::int8"),
            sql_type if cell::is_read(sql_type) => sql,
            "money" => format!("{sql}::numeric::text"),
            // A cast would add the length of the mask to every address.
            "inet" => format!("pg_catalog.abbrev({sql})"),
            _ => format!("{sql}::text"),
        }
    }

    /// Locks what it is about to delete, and leaves out what others have locked: nobody waits for a purge. An array makes
    /// the planner look each id up, however many rows it takes the limit for.
    fn delete_expired(&self, text: Text, session: &SessionTable) -> Text {
        let SessionTable { table, id, idle_expires, .. } = session;
        text.push(" WHERE ")
            .column(table, id)
            .push(" = ANY (ARRAY(SELECT ")
            .column(table, id)
            .push(" FROM ")
            .table(table)
            .push(" WHERE ")
            .compare(table, idle_expires, " < ")
            .push(" LIMIT ")
            .number()
            .push(" FOR UPDATE SKIP LOCKED))")
    }

    fn nests_writes(&self) -> bool {
        true
    }

    fn has_uuids_and_lists(&self) -> bool {
        true
    }

    /// A column without a time zone takes no notice of the offset, which is that of UTC; one with a time zone needs it.
    fn time_form(&self, _column: &FoundColumn, _format: DateTimeFormat) -> TimeForm {
        TimeForm::WithOffset
    }

    fn same_name(&self, one: &str, other: &str) -> bool {
        one == other
    }

    fn declared_type(&self, kind: AttributeType) -> &'static str {
        match kind {
            AttributeType::String => "TEXT",
            AttributeType::Int => "INTEGER",
            AttributeType::BigInt => "BIGINT",
            AttributeType::Float => "DOUBLE PRECISION",
            AttributeType::Boolean => "BOOLEAN",
            AttributeType::DateTime => "TIMESTAMP(3)",
            AttributeType::Json => "JSONB",
            AttributeType::Bytes => "BYTEA",
            AttributeType::Decimal => "DECIMAL(65,30)",
        }
    }

    /// A user whose transactions only read, or a replica.
    async fn settings(&self, driver: &dyn Driver, _schema: Option<&str>) -> Result<Vec<Mismatch>, DriverError> {
        let setting = "transaction_read_only";
        let query = Query::once("SELECT pg_catalog.current_setting($1::text)", [setting.into()]);
        match driver.fetch_optional(&query).await?.and_then(|row| row.into_iter().next()) {
            Some(SqlValue::Text(found)) if found == "on" => {
                Ok(vec![Mismatch::WrongSetting { setting, found, needed: "off, as it is on a primary server" }])
            }
            _ => Ok(Vec::new()),
        }
    }

    async fn schema(&self, driver: &dyn Driver, configured: Option<&str>) -> Result<Option<String>, DriverError> {
        if let Some(schema) = configured {
            return Ok(Some(schema.to_owned()));
        }
        let row = driver.fetch_optional(&Query::once("SELECT pg_catalog.current_schema()::text", [])).await?;
        match row.and_then(|row| row.into_iter().next()) {
            Some(SqlValue::Text(schema)) => Ok(Some(schema)),
            _ => Ok(Some("public".to_owned())),
        }
    }

    async fn introspect(
        &self,
        driver: &dyn Driver,
        schema: Option<&str>,
        table: &str,
    ) -> Result<Option<FoundTable>, DriverError> {
        introspect::table(driver, schema.unwrap_or("public"), table).await
    }

    fn definitions(&self, schema: Option<&str>, tables: &[NewTable]) -> Vec<Object> {
        create::definitions(schema, tables)
    }

    fn object_names(&self, schema: Option<&str>) -> Query {
        create::object_names(schema)
    }
}

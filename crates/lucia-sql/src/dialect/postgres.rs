use super::Dialect;
use crate::{config::AttributeType, driver::postgres, tables::Column};

/// The SQL of Postgres.
#[derive(Debug)]
pub(crate) struct Postgres;

impl Dialect for Postgres {
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
            sql_type if postgres::is_read(sql_type) => sql,
            "money" => format!("{sql}::numeric::text"),
            // A cast would add the length of the mask to every address.
            "inet" => format!("pg_catalog.abbrev({sql})"),
            _ => format!("{sql}::text"),
        }
    }

    /// Locks what it is about to delete, and leaves out what others have locked: nobody waits for a clean-up. An array makes
    /// the planner look each id up, however many rows it takes the limit for.
    fn one_of(&self) -> [&'static str; 2] {
        [" = ANY (ARRAY(", " FOR UPDATE SKIP LOCKED))"]
    }

    fn nests_writes(&self) -> bool {
        true
    }

    fn has_uuids_and_lists(&self) -> bool {
        true
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
}

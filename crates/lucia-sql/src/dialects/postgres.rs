use super::Dialect;
use crate::{config::AttributeType, driver::postgres, tables::Column};

/// The SQL of Postgres.
#[derive(Debug)]
pub(crate) struct Postgres {
    /// `false` if the database does not support `SKIP LOCKED`.
    pub(super) skips_locked: bool,
}

impl Dialect for Postgres {
    fn quote(&self, name: &str) -> String {
        format!("\"{}\"", name.replace('"', "\"\""))
    }

    /// The first cast determines the type of the sent bytes, independent of the driver. The second one converts the
    /// value to the type of the column.
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
            // The value is a full timestamp, of which this is a part.
            "date" | "time" => format!("${index}::text::timestamp::{sql_type}"),
            "_date" | "_time" => format!("${index}::text::_timestamp::{sql_type}"),
            // Numbers have a decimal point; the text of money depends on the server's locale.
            "money" => format!("${index}::text::numeric::money"),
            "_money" => format!("${index}::text::_numeric::_money"),
            _ => format!("${index}::{sent}::{sql_type}"),
        }
    }

    /// Text and integers are cast to one type each, so that a prepared statement stays valid if a column is widened.
    fn selected(&self, sql: String, column: &Column) -> String {
        match column.sql_type.as_str() {
            // In JSON, the digits of these numbers would change.
            "_numeric" | "_money" => format!("pg_catalog.array_to_json({sql}::_numeric::_text)::text"),
            _ if column.list => format!("pg_catalog.array_to_json({sql})::text"),
            "int2" | "int4" | "int8" => format!("{sql}::int8"),
            sql_type if postgres::is_read(sql_type) => sql,
            "money" => format!("{sql}::numeric::text"),
            // A cast would add the netmask to every address.
            "inet" => format!("pg_catalog.abbrev({sql})"),
            _ => format!("{sql}::text"),
        }
    }

    fn lock_against_deletion(&self) -> Option<&'static str> {
        Some(" FOR KEY SHARE")
    }

    /// Locks the rows to delete and skips locked ones, so that deleting expired sessions blocks no other transaction.
    /// The array makes the planner look up each id, whatever number of rows it estimates.
    fn one_of(&self) -> [&'static str; 2] {
        [" = ANY (ARRAY(", if self.skips_locked { " FOR UPDATE SKIP LOCKED))" } else { "))" }]
    }

    fn checks_again(&self) -> bool {
        !self.skips_locked
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

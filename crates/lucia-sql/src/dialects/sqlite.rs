use super::{Dialect, Operand, Text};
use crate::{config::AttributeType, tables::Column};

/// The SQL of SQLite.
#[derive(Debug)]
pub(crate) struct Sqlite {
    /// `true` if the driver receives and returns integers. `false` if it uses doubles, which round integers beyond
    /// 2^53.
    pub(super) exact_numbers: bool,
}

impl Dialect for Sqlite {
    fn quote(&self, name: &str) -> String {
        format!("\"{}\"", name.replace('"', "\"\""))
    }

    /// Integers that would be rounded are sent as text.
    fn parameter(&self, index: usize, kind: AttributeType, _sql_type: &str) -> String {
        if self.is_cast(kind) { format!("CAST(?{index} AS INTEGER)") } else { format!("?{index}") }
    }

    /// Integers that would be rounded are read as text. Every representable time in milliseconds is exact as a double.
    fn selected(&self, sql: String, column: &Column) -> String {
        use AttributeType::{BigInt, Decimal, Int, Json};
        match column.kind {
            Int | BigInt | Json | Decimal if !self.exact_numbers => {
                format!("CASE typeof({sql}) WHEN 'integer' THEN CAST({sql} AS TEXT) ELSE {sql} END")
            }
            _ => sql,
        }
    }

    /// The sign hides the value from the planner. Otherwise, SQLite would plan the statement again for each value as
    /// soon as `ANALYZE` or `PRAGMA optimize` has run.
    fn compared(&self, text: Text, operand: Operand<'_>) -> Text {
        match operand {
            Operand::Parameter(_, column) if !self.is_cast(column.sent()) => self.operand(text.push("+"), operand),
            _ => self.operand(text, operand),
        }
    }

    /// Drivers of SQLite itself may leave a statement at its first row, before the write is committed.
    fn returns_queries(&self) -> bool {
        !self.exact_numbers
    }

    fn has_numeric_affinity(&self) -> bool {
        true
    }

    fn same_name(&self, one: &str, other: &str) -> bool {
        one.eq_ignore_ascii_case(other)
    }

    fn declared_type(&self, kind: AttributeType) -> &'static str {
        match kind {
            AttributeType::String => "TEXT",
            AttributeType::Int => "INTEGER",
            AttributeType::BigInt => "BIGINT",
            AttributeType::Float => "REAL",
            AttributeType::Boolean => "BOOLEAN",
            AttributeType::DateTime => "DATETIME",
            AttributeType::Json => "JSONB",
            AttributeType::Bytes => "BLOB",
            AttributeType::Decimal => "DECIMAL",
        }
    }
}

impl Sqlite {
    fn is_cast(&self, kind: AttributeType) -> bool {
        !self.exact_numbers && matches!(kind, AttributeType::Int | AttributeType::BigInt)
    }
}

use super::{Dialect, Operand, Text};
use crate::{
    config::AttributeType,
    tables::{Column, Constraint, Ident},
};

/// The SQL of MySQL and MariaDB.
#[derive(Debug)]
pub(crate) struct MySql;

impl Dialect for MySql {
    fn quote(&self, name: &str) -> String {
        format!("`{}`", name.replace('`', "``"))
    }

    fn parameter(&self, _index: usize, _kind: AttributeType, _sql_type: &str) -> String {
        "?".to_owned()
    }

    fn is_positional(&self) -> bool {
        true
    }

    /// Some drivers do not distinguish text with a binary collation, such as JSON on MariaDB, from bytes, and a boolean
    /// from a number. Prisma reads only 1 as true.
    fn selected(&self, sql: String, column: &Column) -> String {
        match column.kind {
            AttributeType::Boolean => format!("{sql} = 1"),
            AttributeType::String | AttributeType::Json if column.sql_type.ends_with(" BINARY") => {
                format!("CONVERT({sql} USING utf8mb4)")
            }
            _ => sql,
        }
    }

    /// The collation of Prisma's tables considers ids equal that differ in case, accents, trailing spaces or emoji. The
    /// first comparison uses the index; the second one compares the bytes.
    fn same_id(&self, text: Text, one: Operand<'_>, other: Operand<'_>) -> Text {
        let text = self.operand(text, one).push(" = ");
        self.same_bytes(self.operand(text, other).push(" AND "), one, other)
    }

    fn same_bytes(&self, text: Text, one: Operand<'_>, other: Operand<'_>) -> Text {
        let text = self.bytes(text, one);
        self.bytes(text.push(" = "), other)
    }

    fn dual(&self) -> &'static str {
        " FROM DUAL"
    }

    /// MariaDB does not support `FOR SHARE`.
    fn lock_against_deletion(&self) -> Option<&'static str> {
        Some(" LOCK IN SHARE MODE")
    }

    /// `InnoDB` locks every row that it reads, also in a subquery, until the end of the transaction. The index is
    /// forced, because the optimizer would read every row of a small table.
    fn delete_by_id(&self, table: &Ident, id: &Column, constraints: &[Constraint]) -> Option<String> {
        let mut indexes = constraints.iter().filter(|index| index.references.is_none() && index.column == id.name);
        // Each index is also listed with the table before its name. The primary key always has the same name.
        let index = indexes.clone().find(|index| index.name == "PRIMARY").or_else(|| indexes.next_back());
        let index = index.map(|index| format!(" FORCE INDEX ({})", self.quote(&index.name))).unwrap_or_default();
        Some(format!("DELETE {table} FROM {table}{index}", table = table.quoted))
    }

    fn on_duplicate(&self, _id: &Column) -> String {
        " ON DUPLICATE KEY UPDATE ".to_owned()
    }

    fn integer_and_text(&self) -> [&'static str; 2] {
        ["SIGNED", "CHAR"]
    }

    /// `TEXT` has room for one byte less.
    fn long_text(&self) -> &'static str {
        "MEDIUMTEXT"
    }

    /// Column names are never case-sensitive. For names of tables this depends on the server; they are compared only
    /// after the server has found the table.
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
}

impl MySql {
    /// Appends the bytes of an id in UTF-8, independent of the character set of its column.
    fn bytes(&self, text: Text, operand: Operand<'_>) -> Text {
        match operand {
            Operand::Column(..) => self.operand(text.push("CAST(CONVERT("), operand).push(" USING utf8mb4) AS BINARY)"),
            Operand::Parameter(..) => self.operand(text.push("CAST("), operand).push(" AS BINARY)"),
        }
    }
}

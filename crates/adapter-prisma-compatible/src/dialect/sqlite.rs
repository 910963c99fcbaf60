use std::fmt::Write as _;

use async_trait::async_trait;

use super::Dialect;
use crate::{
    config::{AttributeType, DateTimeFormat},
    driver::{Driver, DriverError, Place, Query, Row, SqlValue},
    schema::{FoundColumn, FoundTable, Inexact, Limit, NewTable, Object, TimeForm, Unique},
};

/// SQLite's SQL, and tables as Prisma makes them there.
#[derive(Debug)]
pub(crate) struct Sqlite;

#[async_trait]
impl Dialect for Sqlite {
    fn name(&self) -> &'static str {
        "SQLite"
    }

    fn quote(&self, name: &str) -> String {
        format!("\"{}\"", name.replace('"', "\"\""))
    }

    fn parameter(&self, index: usize, _kind: AttributeType, _sql_type: &str) -> String {
        format!("?{index}")
    }

    fn time_form(&self, column: &FoundColumn, format: DateTimeFormat) -> TimeForm {
        match format {
            DateTimeFormat::AsFound if column.holds_numbers => TimeForm::Millis,
            DateTimeFormat::UnixEpochMillis => TimeForm::Millis,
            DateTimeFormat::AsFound | DateTimeFormat::Iso8601 => TimeForm::WithOffset,
        }
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

    async fn introspect(
        &self,
        driver: &dyn Driver,
        _schema: Option<&str>,
        table: &str,
    ) -> Result<Option<FoundTable>, DriverError> {
        let ask = |sql: &str| Query::once(sql, [table.into()]);
        let listed = driver.fetch_optional(&ask(LIST_TABLE)).await?;
        let Some([SqlValue::Text(kind), SqlValue::Integer(without_rowid), SqlValue::Integer(strict)]) =
            listed.as_deref()
        else {
            return Ok(None);
        };
        let columns = driver.fetch_all(&ask(LIST_COLUMNS)).await?;
        let mut columns: Vec<_> = columns.into_iter().filter_map(|row| found_column(row, *strict != 0)).collect();
        let unique = driver.fetch_all(&ask(LIST_UNIQUE)).await?.into_iter().filter_map(found_unique).collect();

        let times: Vec<_> = columns.iter_mut().filter(|column| column.kind == Some(AttributeType::DateTime)).collect();
        if kind == "table" && !times.is_empty() {
            let query = self.newest_classes(table, &times, *without_rowid != 0);
            let classes = driver.fetch_optional(&query).await?.unwrap_or_default();
            for (column, class) in times.into_iter().zip(classes) {
                column.holds_numbers = matches!(class, SqlValue::Text(class) if class == "integer" || class == "real");
            }
        }
        let (constraints, denied) = (Vec::new(), Vec::new());
        Ok(Some(FoundTable { kind: kind.clone(), partitions: Vec::new(), columns, unique, constraints, denied }))
    }

    fn definitions(&self, _schema: Option<&str>, tables: &[NewTable]) -> Vec<Object> {
        let creates = tables.iter().map(|table| Object { name: table.name.clone(), sql: self.create_table(table) });
        creates.chain(tables.iter().flat_map(|table| self.create_indexes(table))).collect()
    }

    fn object_names(&self, _schema: Option<&str>) -> Query {
        Query::once("SELECT \"name\" FROM sqlite_master", [])
    }
}

const LIST_TABLE: &str = "SELECT \"type\", \"wr\", \"strict\" FROM pragma_table_list WHERE \"schema\" = 'main' AND \"name\" = ?1 COLLATE NOCASE";

/// Column 5 is 0 for an ordinary column, 2 or 3 for a generated one, 1 for a hidden one of a virtual table.
const LIST_COLUMNS: &str = "SELECT \"name\", \"type\", \"notnull\", \"dflt_value\", \"hidden\" FROM pragma_table_xinfo(?1) WHERE \"hidden\" <> 1";

const LIST_UNIQUE: &str = "SELECT max(part.\"name\"), max(part.\"coll\") \
     FROM pragma_index_list(?1) AS list, pragma_index_xinfo(list.\"name\") AS part \
     WHERE list.\"unique\" = 1 AND list.\"partial\" = 0 AND part.\"key\" = 1 \
     GROUP BY list.\"name\" HAVING count(*) = 1";

/// The type of the values in a column, by its declared type.
fn attribute_type(declared: &str) -> Option<AttributeType> {
    let declared = declared.split('(').next()?.trim().to_ascii_uppercase();
    let contains = |part| declared.contains(part);
    Some(match declared.as_str() {
        "BOOLEAN" | "BOOL" => AttributeType::Boolean,
        "DATETIME" | "TIMESTAMP" => AttributeType::DateTime,
        "JSON" | "JSONB" => AttributeType::Json,
        "DECIMAL" | "NUMERIC" => AttributeType::Decimal,
        "BIGINT" | "INT8" => AttributeType::BigInt,
        // The rules by which SQLite itself goes, in its order.
        _ if contains("INT") => AttributeType::Int,
        _ if contains("CHAR") || contains("CLOB") || contains("TEXT") => AttributeType::String,
        _ if contains("BLOB") => AttributeType::Bytes,
        _ if contains("REAL") || contains("FLOA") || contains("DOUB") => AttributeType::Float,
        _ => return None,
    })
}

fn found_column(row: Row, strict: bool) -> Option<FoundColumn> {
    let mut cells = row.into_iter();
    let (SqlValue::Text(name), SqlValue::Text(declared)) = (cells.next()?, cells.next()?) else {
        return None;
    };
    let kind = attribute_type(&declared);
    Some(FoundColumn {
        name,
        kind,
        list: false,
        // What SQLite calls no affinity.
        keeps_any: !strict && (kind == Some(AttributeType::Bytes) || declared.is_empty()),
        sql_type: declared.clone(),
        declared,
        limit: Limit::None,
        nullable: cells.next()? == SqlValue::Integer(0),
        has_default: cells.next()? != SqlValue::Null,
        generated: cells.next()? != SqlValue::Integer(0),
        inexact: None,
        holds_numbers: false,
    })
}

fn found_unique(row: Row) -> Option<Unique> {
    match <[SqlValue; 2]>::try_from(row).ok()? {
        [SqlValue::Text(column), SqlValue::Text(collation)] => {
            let exact = collation.eq_ignore_ascii_case("BINARY");
            let found = format!("the collation {collation}");
            Some(Unique { column, inexact: (!exact).then_some(Inexact { found, needed: "COLLATE BINARY" }) })
        }
        _ => None,
    }
}

fn quote_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Sqlite {
    /// The storage class of the newest value of each column, looking at no more than a page or so of rows.
    fn newest_classes(&self, table: &str, columns: &[&mut FoundColumn], without_rowid: bool) -> Query {
        let table = self.quote(table);
        let order = if without_rowid { "" } else { " ORDER BY rowid DESC" };
        let class = |column: &&mut FoundColumn| {
            let column = format!("{table}.{}", self.quote(&column.name));
            format!(
                "(SELECT typeof(value) FROM (SELECT {column} AS value FROM {table}{order} LIMIT 100) \
                 WHERE value IS NOT NULL LIMIT 1)"
            )
        };
        let classes: Vec<_> = columns.iter().map(class).collect();
        Query::once(format!("SELECT {}", classes.join(", ")), [])
    }

    fn create_table(&self, table: &NewTable) -> String {
        let mut sql = format!("CREATE TABLE {} (", self.quote(&table.name));
        for (index, column) in table.columns.iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            let declared = column.native_type.as_deref().unwrap_or_else(|| self.declared_type(column.kind));
            let _ = write!(sql, "{separator}\n    {} {declared}", self.quote(&column.name));
            if !column.nullable {
                sql.push_str(" NOT NULL");
            }
            sql.push_str(&column.default_clause("CURRENT_TIMESTAMP", quote_text));
            if column.primary {
                sql.push_str(" PRIMARY KEY");
            }
        }
        for column in table.columns.iter().filter(|column| column.references.is_some()) {
            let (users, id) = column.references.as_ref().map_or(("", ""), |(table, id)| (table, id));
            let _ = write!(
                sql,
                ",\n    CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE CASCADE ON UPDATE CASCADE",
                self.quote(&format!("{}_{}_fkey", table.name, column.name)),
                self.quote(&column.name),
                self.quote(users),
                self.quote(id),
            );
        }
        sql.push_str("\n)");
        sql
    }

    /// Prisma makes one for every `@unique`, that of the primary key included, and then those of `@@index`.
    fn create_indexes(&self, table: &NewTable) -> Vec<Object> {
        let index = |kind: &str, column: &str, suffix: &str| {
            let name = format!("{}_{column}_{suffix}", table.name);
            let (quoted, table) = (self.quote(&name), self.quote(&table.name));
            Object { sql: format!("CREATE {kind} {quoted} ON {table}({})", self.quote(column)), name }
        };
        let unique = table.columns.iter().filter(|column| column.primary || column.unique);
        let unique = unique.map(|column| index("UNIQUE INDEX", &column.name, "key"));
        let plain = table.columns.iter().filter(|column| column.references.is_some());
        unique.chain(plain.map(|column| index("INDEX", &column.name, "idx"))).collect()
    }
}

/// What SQLite names at the end of its message.
pub(crate) fn place(message: &str) -> Place {
    let (table, column) = violated_column(message).unzip();
    Place { table, column, constraint: violated_check(message) }
}

/// SQLite names what was violated at the end of its message only: `UNIQUE constraint failed: User.username`.
fn violated_column(message: &str) -> Option<(String, String)> {
    if message.contains(CHECK) {
        return None;
    }
    let (_, places) = message.rsplit_once("constraint failed: ")?;
    let (table, column) = places.rsplit(", ").next()?.rsplit_once('.')?;
    Some((table.to_owned(), column.to_owned()))
}

const CHECK: &str = "CHECK constraint failed: ";

/// The name of a check, or what it checks if it has none.
fn violated_check(message: &str) -> Option<String> {
    message.split_once(CHECK).map(|(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{attribute_type, violated_check, violated_column};

    #[test]
    fn the_column_is_read_from_the_end_of_the_message() {
        let column = |message| violated_column(message);
        let told = |table: &str, column: &str| Some((table.to_owned(), column.to_owned()));
        assert_eq!(column("UNIQUE constraint failed: User.username"), told("User", "username"));
        assert_eq!(column("UNIQUE constraint failed: User.first, User.last"), told("User", "last"));
        assert_eq!(column("NOT NULL constraint failed: app.User.email"), told("app.User", "email"));
        assert_eq!(column("UNIQUE constraint failed: index 'User_lower'"), None);
        assert_eq!(column("CHECK constraint failed: json_valid(User.meta)"), None);
        assert_eq!(column("something else"), None);
        assert_eq!(violated_check("CHECK constraint failed: adult").as_deref(), Some("adult"));
    }

    proptest! {
        #[test]
        fn no_message_panics(message in "(UNIQUE constraint failed: )?.{0,30}", name in "[^.]{1,20}") {
            let _ = violated_column(&message);
            if !name.contains(", ") && !name.contains("constraint failed: ") {
                let message = format!("UNIQUE constraint failed: User.a.b, User.{name}");
                prop_assert_eq!(violated_column(&message), Some(("User".to_owned(), name)));
            }
        }

        #[test]
        fn case_and_size_of_a_type_decide_nothing(declared in "[A-Z]{0,10}( [A-Z]{1,9})?", size in 0_u32..999) {
            let plain = attribute_type(&declared);
            prop_assert_eq!(attribute_type(&format!("{}({size})", declared.to_lowercase())), plain);
        }
    }
}

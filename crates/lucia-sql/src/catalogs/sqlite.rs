use std::fmt::Write as _;

use async_trait::async_trait;

use super::{Catalog, FoundColumn, FoundTable, Inexact, NewTable, Object, Unique};
use crate::{
    config::{AttributeType, DateTimeFormat},
    dialects::{self, Dialect},
    driver::{Database, Driver, DriverError, Query, Row, SqlValue},
    tables::{Limit, TimeForm},
    value::integer,
};

const DIALECT: &dyn Dialect = dialects::of(Database::Sqlite);

/// The catalog of SQLite.
#[derive(Debug)]
pub(super) struct SqliteCatalog;

#[async_trait]
impl Catalog for SqliteCatalog {
    async fn introspect(
        &self,
        driver: &dyn Driver,
        _schema: Option<&str>,
        table: &str,
    ) -> Result<Option<FoundTable>, DriverError> {
        let ask = |sql: &str| Query::new(sql, [table.into()]);
        let listed = driver.fetch_optional(&ask(LIST_TABLE)).await?;
        let Some([SqlValue::Text(kind), without_rowid, strict]) = listed.as_deref() else {
            return Ok(None);
        };
        let columns = driver.fetch_all(&ask(LIST_COLUMNS)).await?;
        let mut columns: Vec<_> = columns.into_iter().filter_map(|row| found_column(row, is_true(strict))).collect();
        let unique = driver.fetch_all(&ask(LIST_UNIQUE)).await?.into_iter().filter_map(found_unique).collect();

        let times: Vec<_> = columns.iter_mut().filter(|column| column.kind == Some(AttributeType::DateTime)).collect();
        if kind == "table" && !times.is_empty() {
            let query = newest_classes(table, &times, is_true(without_rowid));
            let classes = driver.fetch_optional(&query).await?.unwrap_or_default();
            for (column, class) in times.into_iter().zip(classes) {
                column.has_numbers = matches!(class, SqlValue::Text(class) if class == "integer" || class == "real");
            }
        }
        let (constraints, denied) = (Vec::new(), Vec::new());
        Ok(Some(FoundTable { kind: kind.clone(), partitions: Vec::new(), columns, unique, constraints, denied }))
    }

    fn time_form(&self, column: &FoundColumn, format: DateTimeFormat) -> TimeForm {
        match format {
            DateTimeFormat::AsFound if column.has_numbers => TimeForm::Millis,
            DateTimeFormat::UnixEpochMillis => TimeForm::Millis,
            DateTimeFormat::AsFound | DateTimeFormat::Iso8601 => TimeForm::WithOffset,
        }
    }

    fn definitions(&self, _schema: Option<&str>, tables: &[NewTable]) -> Vec<Object> {
        let creates = tables.iter().map(|table| Object { name: table.name.clone(), sql: create_table(table) });
        creates.chain(tables.iter().flat_map(create_indexes)).collect()
    }

    fn object_names(&self, _schema: Option<&str>) -> Query {
        Query::new("SELECT \"name\" FROM sqlite_master", [])
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
        // The rules of SQLite's type affinity, in the same order.
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
        // A column with BLOB affinity.
        stores_any: !strict && (kind == Some(AttributeType::Bytes) || declared.is_empty()),
        sql_type: declared.clone(),
        collation: String::new(),
        declared,
        limit: Limit::None,
        nullable: !is_true(&cells.next()?),
        has_default: cells.next()? != SqlValue::Null,
        generated: is_true(&cells.next()?),
        inexact: None,
        has_numbers: false,
    })
}

/// Returns `true` for a number other than 0. On D1 all numbers are doubles.
fn is_true(cell: &SqlValue) -> bool {
    integer(cell).is_some_and(|number| number != 0)
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

fn quote(name: &str) -> String {
    DIALECT.quote(name)
}

/// Returns a query for the storage class of the newest value in each column. It reads at most 100 rows per column.
fn newest_classes(table: &str, columns: &[&mut FoundColumn], without_rowid: bool) -> Query {
    let table = quote(table);
    let order = if without_rowid { "" } else { " ORDER BY rowid DESC" };
    let class = |column: &&mut FoundColumn| {
        let column = format!("{table}.{}", quote(&column.name));
        format!(
            "(SELECT typeof(value) FROM (SELECT {column} AS value FROM {table}{order} LIMIT 100) \
             WHERE value IS NOT NULL LIMIT 1)"
        )
    };
    let classes: Vec<_> = columns.iter().map(class).collect();
    Query::new(format!("SELECT {}", classes.join(", ")), [])
}

fn create_table(table: &NewTable) -> String {
    let mut sql = format!("CREATE TABLE {} (", quote(&table.name));
    for (index, column) in table.columns.iter().enumerate() {
        let separator = if index == 0 { "" } else { "," };
        let declared = column.native_type.as_deref().unwrap_or_else(|| DIALECT.declared_type(column.kind));
        let _ = write!(sql, "{separator}\n    {} {declared}", quote(&column.name));
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
            quote(&format!("{}_{}_fkey", table.name, column.name)),
            quote(&column.name),
            quote(users),
            quote(id),
        );
    }
    sql.push_str("\n)");
    sql
}

/// Returns the indexes in the order of Prisma: those of `@unique`, and then those of `@@index`.
fn create_indexes(table: &NewTable) -> Vec<Object> {
    let index = |kind: &str, column: &str, suffix: &str| {
        let name = format!("{}_{column}_{suffix}", table.name);
        let (quoted, table) = (quote(&name), quote(&table.name));
        Object { sql: format!("CREATE {kind} {quoted} ON {table}({})", quote(column)), name }
    };
    let unique = table.columns.iter().filter(|column| column.unique);
    let unique = unique.map(|column| index("UNIQUE INDEX", &column.name, "key"));
    let plain = table.columns.iter().filter(|column| column.indexed);
    unique.chain(plain.map(|column| index("INDEX", &column.name, "idx"))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::attribute_type;

    proptest! {
        #[test]
        fn case_and_size_of_a_type_are_ignored(declared in "[A-Z]{0,10}( [A-Z]{1,9})?", size in 0_u32..999) {
            let plain = attribute_type(&declared);
            prop_assert_eq!(attribute_type(&format!("{}({size})", declared.to_lowercase())), plain);
        }
    }
}

//! The tables that Prisma creates on MySQL.

use std::{borrow::Cow, fmt::Write as _};

use crate::{
    catalogs::{NewColumn, NewTable, Object},
    dialects::{Dialect as _, MySql},
};

/// Returns the tables, followed by their foreign keys, because a foreign key requires that the other table exists.
pub(super) fn definitions(database: Option<&str>, tables: &[NewTable]) -> Vec<Object> {
    let creates = tables.iter().map(|table| Object { name: table.name.clone(), sql: create_table(database, table) });
    let keys =
        tables.iter().flat_map(|table| table.columns.iter().filter_map(|column| foreign_key(database, table, column)));
    creates.chain(keys).collect()
}

fn create_table(database: Option<&str>, table: &NewTable) -> String {
    let quote = |name: &str| MySql.quote(name);
    let mut sql = format!("CREATE TABLE {} (\n", qualified(database, &table.name));
    for column in &table.columns {
        let null = if column.nullable { "NULL" } else { "NOT NULL" };
        let default = column.default_clause(&now(column), quote_text);
        let _ = writeln!(sql, "    {} {} {null}{default},", quote(&column.name), declared(column));
    }
    sql.push('\n');
    let mut index = |kind: &str, column: &NewColumn, suffix: &str| {
        let name = quote(&format!("{}_{}_{suffix}", table.name, column.name));
        let _ = writeln!(sql, "    {kind} {name}({}),", quote(&column.name));
    };
    for column in table.columns.iter().filter(|column| column.unique) {
        index("UNIQUE INDEX", column, "key");
    }
    for column in table.columns.iter().filter(|column| column.indexed) {
        index("INDEX", column, "idx");
    }
    let primary = table.columns.iter().filter(|column| column.primary).map(|column| quote(&column.name));
    let _ = write!(
        sql,
        "    PRIMARY KEY ({})\n) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
        primary.collect::<Vec<_>>().join(", ")
    );
    sql
}

fn declared(column: &NewColumn) -> Cow<'_, str> {
    if let Some(declared) = &column.native_type {
        return Cow::Borrowed(declared);
    }
    if column.labels.is_empty() {
        return Cow::Borrowed(MySql.declared_type(column.kind));
    }
    let labels: Vec<_> = column.labels.iter().map(|label| quote_text(label)).collect();
    Cow::Owned(format!("ENUM({})", labels.join(", ")))
}

/// Returns the expression of the current time with the precision of its column.
fn now(column: &NewColumn) -> String {
    let declared = declared(column);
    let precision = declared.find('(').map_or("", |start| &declared[start..]);
    format!("CURRENT_TIMESTAMP{precision}")
}

fn quote_text(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

fn foreign_key(database: Option<&str>, table: &NewTable, column: &NewColumn) -> Option<Object> {
    let quote = |name: &str| MySql.quote(name);
    let (users, id) = column.references.as_ref()?;
    let name = format!("{}_{}_fkey", table.name, column.name);
    let sql = format!(
        "ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {}({}) ON DELETE CASCADE ON UPDATE CASCADE",
        qualified(database, &table.name),
        quote(&name),
        quote(&column.name),
        qualified(database, users),
        quote(id),
    );
    Some(Object { name, sql })
}

/// Returns the quoted name of a table, with its database if one is configured.
pub(super) fn qualified(database: Option<&str>, table: &str) -> String {
    let table = MySql.quote(table);
    database.map_or_else(|| table.clone(), |database| format!("{}.{table}", MySql.quote(database)))
}

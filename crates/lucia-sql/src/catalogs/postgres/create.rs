use std::fmt::Write as _;

use crate::{
    catalogs::{NewColumn, NewTable, Object},
    dialects::{self, Dialect},
    driver::{Database, Query, SqlValue},
};

const DIALECT: &dyn Dialect = dialects::of(Database::Postgres);

/// The names of the tables, indexes, types and foreign keys of a schema, and of the schema itself.
const LIST_NAMES: &str = "
SELECT c.relname::text FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = coalesce($1::text, pg_catalog.current_schema())
UNION
SELECT t.typname::text FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
WHERE n.nspname = coalesce($1::text, pg_catalog.current_schema()) AND t.typtype = 'e'
UNION
SELECT k.conname::text FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_namespace AS n ON n.oid = k.connamespace
WHERE n.nspname = coalesce($1::text, pg_catalog.current_schema()) AND k.contype = 'f'
UNION
SELECT 'schema ' || n.nspname::text FROM pg_catalog.pg_namespace AS n";

pub(super) fn object_names(schema: Option<&str>) -> Query {
    Query::new(LIST_NAMES, [schema.map_or(SqlValue::Null, SqlValue::from)])
}

/// Returns the objects in the order of Prisma: schema, enums, tables, indexes, foreign keys. Names are qualified if a
/// schema is configured.
pub(super) fn definitions(schema: Option<&str>, tables: &[NewTable]) -> Vec<Object> {
    let create = Create { schema };
    let mut objects: Vec<_> = schema.map(create_schema).into_iter().collect();
    for column in tables.iter().flat_map(|table| &table.columns).filter(|column| !column.labels.is_empty()) {
        let new = create.enumeration(column);
        if objects.iter().all(|object| object.name != new.name) {
            objects.push(new);
        }
    }
    objects.extend(tables.iter().map(|table| create.table(table)));
    objects.extend(tables.iter().flat_map(|table| create.indexes(table)));
    objects.extend(tables.iter().flat_map(|table| create.foreign_keys(table)));
    objects
}

fn create_schema(schema: &str) -> Object {
    let sql = format!("CREATE SCHEMA IF NOT EXISTS {}", DIALECT.quote(schema));
    Object { name: format!("schema {schema}"), sql }
}

fn quote_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

struct Create<'a> {
    schema: Option<&'a str>,
}

impl Create<'_> {
    fn qualified(&self, name: &str) -> String {
        let name = DIALECT.quote(name);
        self.schema.map_or_else(|| name.clone(), |schema| format!("{}.{name}", DIALECT.quote(schema)))
    }

    fn enumeration(&self, column: &NewColumn) -> Object {
        let labels: Vec<_> = column.labels.iter().map(|label| quote_text(label)).collect();
        let sql = format!("CREATE TYPE {} AS ENUM ({})", self.qualified(&column.enum_name), labels.join(", "));
        Object { name: column.enum_name.clone(), sql }
    }

    fn table(&self, table: &NewTable) -> Object {
        let mut sql = format!("CREATE TABLE {} (", self.qualified(&table.name));
        for column in &table.columns {
            let name = DIALECT.quote(&column.name);
            let declared = match &column.native_type {
                Some(declared) => declared.clone(),
                None if column.labels.is_empty() => DIALECT.declared_type(column.kind).to_owned(),
                None => self.qualified(&column.enum_name),
            };
            let declared = if column.list { format!("{declared}[]") } else { declared };
            let required = if column.nullable { "" } else { " NOT NULL" };
            let default = column.default_clause("CURRENT_TIMESTAMP", quote_text);
            let _ = write!(sql, "\n    {name} {declared}{required}{default},");
        }
        let primary = table.columns.iter().filter(|column| column.primary);
        let primary: Vec<_> = primary.map(|column| DIALECT.quote(&column.name)).collect();
        let constraint = DIALECT.quote(&format!("{}_pkey", table.name));
        let _ = write!(sql, "\n\n    CONSTRAINT {constraint} PRIMARY KEY ({})\n)", primary.join(", "));
        Object { name: table.name.clone(), sql }
    }

    /// Returns the indexes in the order of Prisma: those of `@unique`, and then
    /// those of `@@index`.
    fn indexes(&self, table: &NewTable) -> Vec<Object> {
        let index = |kind: &str, column: &str, suffix: &str| {
            let name = format!("{}_{column}_{suffix}", table.name);
            let (quoted, column) = (DIALECT.quote(&name), DIALECT.quote(column));
            Object { sql: format!("CREATE {kind} {quoted} ON {}({column})", self.qualified(&table.name)), name }
        };
        let unique = table.columns.iter().filter(|column| column.unique);
        let unique = unique.map(|column| index("UNIQUE INDEX", &column.name, "key"));
        let plain = table.columns.iter().filter(|column| column.indexed);
        unique.chain(plain.map(|column| index("INDEX", &column.name, "idx"))).collect()
    }

    fn foreign_keys(&self, table: &NewTable) -> Vec<Object> {
        let foreign_key = |column: &NewColumn| {
            let (users, id) = column.references.as_ref()?;
            let name = format!("{}_{}_fkey", table.name, column.name);
            let sql = format!(
                "ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {}({}) ON DELETE CASCADE ON UPDATE CASCADE",
                self.qualified(&table.name),
                DIALECT.quote(&name),
                DIALECT.quote(&column.name),
                self.qualified(users),
                DIALECT.quote(id),
            );
            Some(Object { name, sql })
        };
        table.columns.iter().filter_map(foreign_key).collect()
    }
}

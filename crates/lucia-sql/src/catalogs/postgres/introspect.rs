use crate::{
    catalogs::{FoundColumn, FoundTable, Inexact, Unique},
    config::AttributeType,
    driver::{Driver, DriverError, Query, Row, SqlValue},
    tables::{Constraint, Limit},
};

/// The kind of the table, its OID, the privileges that the user lacks, and its partitions.
const LIST_TABLE: &str = "
SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END,
    c.oid::int8,
    pg_catalog.concat_ws(',',
        CASE WHEN NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE') THEN 'USAGE of its schema' END,
        CASE WHEN NOT pg_catalog.has_any_column_privilege(c.oid, 'SELECT') THEN 'SELECT' END,
        CASE WHEN NOT pg_catalog.has_any_column_privilege(c.oid, 'INSERT') THEN 'INSERT' END,
        CASE WHEN NOT pg_catalog.has_any_column_privilege(c.oid, 'UPDATE') THEN 'UPDATE' END,
        CASE WHEN NOT pg_catalog.has_table_privilege(c.oid, 'DELETE') THEN 'DELETE' END),
    (SELECT pg_catalog.json_agg(p.relname)::text
        FROM pg_catalog.pg_partition_tree(c.oid) AS t JOIN pg_catalog.pg_class AS p ON p.oid = t.relid)
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = $1::text AND c.relname = $2::text AND c.relkind IN ('r', 'p', 'v', 'm', 'f')";

/// The columns, with the base type of domains and the item type of arrays. An `IDENTITY` column that is generated
/// `ALWAYS` cannot be written.
const LIST_COLUMNS: &str = "
SELECT a.attname::text,
    pg_catalog.format_type(a.atttypid, a.atttypmod),
    coalesce(item.typname, t.typname)::text,
    CASE WHEN n.nspname = 'pg_catalog' AND t.typname NOT IN ('char', 'bit') THEN t.typname::text
        ELSE pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname) END,
    coalesce(item.typtype, t.typtype) = 'e',
    item.oid IS NOT NULL,
    base.typmod::int8,
    NOT (a.attnotnull OR base.required),
    a.atthasdef OR a.attidentity = 'd' OR base.has_default,
    a.attgenerated <> '' OR a.attidentity = 'a',
    CASE WHEN t.typname IN ('bpchar', 'citext') THEN t.typname::text WHEN NOT l.collisdeterministic THEN l.collname::text END,
    (SELECT pg_catalog.json_agg(e.enumlabel ORDER BY e.enumsortorder)::text
        FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = coalesce(item.oid, t.oid))
FROM pg_catalog.pg_attribute AS a
CROSS JOIN LATERAL (
    WITH RECURSIVE layer AS (
        SELECT t.typtype, t.oid, t.typbasetype, a.atttypmod AS typmod, t.typtypmod, t.typnotnull AS required,
            t.typdefault IS NOT NULL AS has_default
        FROM pg_catalog.pg_type AS t WHERE t.oid = a.atttypid
        UNION ALL
        SELECT t.typtype, t.oid, t.typbasetype, layer.typtypmod, t.typtypmod, layer.required OR t.typnotnull,
            layer.has_default OR t.typdefault IS NOT NULL
        FROM layer JOIN pg_catalog.pg_type AS t ON t.oid = layer.typbasetype WHERE layer.typtype = 'd'
    )
    SELECT layer.oid, layer.typmod, layer.required, layer.has_default FROM layer WHERE layer.typtype <> 'd'
) AS base
JOIN pg_catalog.pg_type AS t ON t.oid = base.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_type AS item ON item.oid = t.typelem AND item.typarray = t.oid
LEFT JOIN pg_catalog.pg_collation AS l ON l.oid = a.attcollation
WHERE a.attrelid = $1::int8 AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum";

/// The columns with a unique index on that column alone, and the type or collation that makes different strings equal.
const LIST_UNIQUE: &str = "
SELECT a.attname::text,
    CASE WHEN t.typname IN ('bpchar', 'citext') THEN t.typname::text WHEN NOT l.collisdeterministic THEN l.collname::text END
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_collation AS l ON l.oid = a.attcollation
WHERE i.indrelid = $1::int8 AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
    AND i.indnkeyatts = 1";

/// Every name by which a violation can be reported, with the last column, and the table that a foreign key refers to.
/// Postgres 18 has foreign keys that are not enforced, and any version checks none whose triggers are disabled, also those
/// that a connection disables with `session_replication_role`.
const LIST_CONSTRAINTS: &str = "
SELECT k.conname::text, a.attname::text,
    CASE WHEN f.relnamespace <> k.connamespace THEN f.relnamespace::pg_catalog.regnamespace::text || '.' ELSE '' END
        || f.relname::text
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid = k.conrelid AND a.attnum = k.conkey[pg_catalog.array_upper(k.conkey, 1)]
LEFT JOIN pg_catalog.pg_class AS f ON f.oid = k.confrelid
WHERE k.conrelid = $1::int8 AND pg_catalog.to_jsonb(k) ->> 'conenforced' IS DISTINCT FROM 'false'
    AND NOT EXISTS (
        SELECT 1 FROM pg_catalog.pg_trigger AS t WHERE t.tgconstraint = k.oid AND t.tgenabled::text NOT IN ('A',
            CASE pg_catalog.current_setting('session_replication_role', true) WHEN 'replica' THEN 'R' ELSE 'O' END))
UNION
SELECT c.relname::text, a.attname::text, NULL
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[i.indnkeyatts - 1]
WHERE i.indrelid = $1::int8 AND i.indisunique";

/// Reads a table from the catalog.
pub(super) async fn table(driver: &dyn Driver, schema: &str, table: &str) -> Result<Option<FoundTable>, DriverError> {
    let listed = driver.fetch_optional(&Query::new(LIST_TABLE, [schema.into(), table.into()])).await?;
    let Some([SqlValue::Text(kind), SqlValue::Integer(oid), SqlValue::Text(denied), partitions]) = listed.as_deref()
    else {
        return Ok(None);
    };
    let ask = |sql: &str| Query::new(sql, [SqlValue::Integer(*oid)]);
    let columns = driver.fetch_all(&ask(LIST_COLUMNS)).await?;
    let unique = driver.fetch_all(&ask(LIST_UNIQUE)).await?;
    let constraints = driver.fetch_all(&ask(LIST_CONSTRAINTS)).await?;
    Ok(Some(FoundTable {
        kind: kind.clone(),
        partitions: if let SqlValue::Text(names) = partitions {
            serde_json::from_str(names).unwrap_or_default()
        } else {
            Vec::new()
        },
        columns: columns.into_iter().filter_map(column).collect(),
        unique: unique.into_iter().filter_map(found_unique).collect(),
        constraints: constraints.into_iter().filter_map(constraint).collect(),
        denied: denied.split(',').filter(|right| !right.is_empty()).map(ToOwned::to_owned).collect(),
    }))
}

fn column(row: Row) -> Option<FoundColumn> {
    use SqlValue::{Boolean, Integer, Text};

    let row: [SqlValue; 12] = row.try_into().ok()?;
    let [Text(name), Text(declared), Text(typname), Text(sql_type), Boolean(is_enum), Boolean(list), rest @ ..] = row
    else {
        return None;
    };
    let [Integer(typmod), Boolean(nullable), Boolean(has_default), Boolean(generated), equal, labels] = rest else {
        return None;
    };
    let (kind, limit) = match labels {
        Text(labels) if is_enum => (Some(AttributeType::String), Limit::Labels(serde_json::from_str(&labels).ok()?)),
        _ => values(&typname, typmod),
    };
    Some(FoundColumn {
        name,
        declared,
        sql_type,
        collation: String::new(),
        kind,
        list,
        limit,
        nullable,
        has_default,
        generated,
        inexact: inexact(equal),
        has_numbers: false,
        stores_any: false,
    })
}

/// Describes a type or collation that makes different strings equal.
fn inexact(equal: SqlValue) -> Option<Inexact> {
    let SqlValue::Text(name) = equal else {
        return None;
    };
    Some(match name.as_str() {
        "bpchar" => {
            Inexact { found: "the type CHAR, which ignores trailing spaces".to_owned(), needed: "VARCHAR or TEXT" }
        }
        "citext" => Inexact { found: "the type citext, which ignores case".to_owned(), needed: "TEXT" },
        _ => {
            let found = format!("the collation `{name}`, which is not deterministic");
            Inexact { found, needed: "a deterministic collation such as \"C\"" }
        }
    })
}

/// Returns the type and limit of the values of a built-in type. `typmod` is the modifier from the catalog, or −1
/// without one.
fn values(typname: &str, typmod: i64) -> (Option<AttributeType>, Limit) {
    let text = |max_chars| Limit::Text { max_chars, nul: false };
    let fraction = |places: i64| match u32::try_from(places) {
        Ok(places @ 0..3) => Limit::Times { step: 10_i64.pow(3 - places), of_day: false },
        _ => Limit::None,
    };
    let (kind, limit) = match typname {
        "text" | "citext" => (AttributeType::String, text(None)),
        "xml" | "inet" | "cidr" | "macaddr" => (AttributeType::String, Limit::Format),
        "varchar" | "bpchar" => (AttributeType::String, text(usize::try_from(typmod - 4).ok())),
        "uuid" => (AttributeType::String, Limit::Uuid),
        "int2" => (AttributeType::Int, Limit::Range(i16::MIN.into(), i16::MAX.into())),
        "int4" => (AttributeType::Int, Limit::Range(i32::MIN.into(), i32::MAX.into())),
        "oid" => (AttributeType::Int, Limit::Range(0, u32::MAX.into())),
        "int8" => (AttributeType::BigInt, Limit::None),
        "float4" => (AttributeType::Float, Limit::Single),
        "float8" => (AttributeType::Float, Limit::None),
        "bool" => (AttributeType::Boolean, Limit::None),
        "timestamp" | "timestamptz" => (AttributeType::DateTime, fraction(typmod)),
        "date" => (AttributeType::DateTime, Limit::Times { step: 86_400_000, of_day: false }),
        "time" => (AttributeType::DateTime, Limit::Times { step: 1, of_day: true }),
        "json" | "jsonb" => (AttributeType::Json, text(None)),
        "bytea" => (AttributeType::Bytes, Limit::None),
        "money" => (AttributeType::Decimal, Limit::Digits { precision: 18, scale: 2 }),
        "numeric" => (AttributeType::Decimal, digits(typmod)),
        _ => return (None, Limit::None),
    };
    (Some(kind), limit)
}

/// Returns the limit of `numeric(precision, scale)`. A column without either stores every digit. A negative scale
/// rounds digits before the point.
fn digits(typmod: i64) -> Limit {
    let modifier = typmod - 4;
    match u32::try_from(modifier) {
        Ok(modifier) if modifier & 0x400 == 0 => Limit::Digits { precision: modifier >> 16, scale: modifier & 0x3FF },
        _ => Limit::None,
    }
}

fn found_unique(row: Row) -> Option<Unique> {
    match <[SqlValue; 2]>::try_from(row).ok()? {
        [SqlValue::Text(column), equal] => Some(Unique { column, inexact: inexact(equal) }),
        _ => None,
    }
}

fn constraint(row: Row) -> Option<Constraint> {
    match <[SqlValue; 3]>::try_from(row).ok()? {
        [SqlValue::Text(name), SqlValue::Text(column), references] => {
            let references = if let SqlValue::Text(table) = references { Some(table) } else { None };
            Some(Constraint { name, column, references })
        }
        _ => None,
    }
}

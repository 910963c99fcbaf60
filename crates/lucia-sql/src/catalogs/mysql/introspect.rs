//! Reads tables from `information_schema`. The casts are needed because MySQL and MariaDB differ in the types of its
//! columns.

use super::{
    create,
    types::{Declared, repertoire},
};
use crate::{
    catalogs::{FoundColumn, FoundTable, Unique},
    driver::{Driver, DriverError, Failure, Query, Row, SqlValue},
    tables::Constraint,
};

/// The names of tables, indexes and foreign keys. Each parameter is the database, or null.
const LIST_OBJECTS: &str = "SELECT CAST(TABLE_NAME AS CHAR) FROM information_schema.TABLES \
     WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) UNION ALL \
     SELECT CAST(INDEX_NAME AS CHAR) FROM information_schema.STATISTICS \
     WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND INDEX_NAME LIKE '%\\_idx' UNION ALL \
     SELECT CAST(CONSTRAINT_NAME AS CHAR) FROM information_schema.REFERENTIAL_CONSTRAINTS \
     WHERE CONSTRAINT_SCHEMA = COALESCE(?, DATABASE())";

/// The kind and engine of a table. The parameters of this and the following queries are the database, or null, and the
/// table.
const LIST_TABLE: &str = "SELECT CAST(t.TABLE_TYPE AS CHAR), COALESCE(CAST(e.TRANSACTIONS AS CHAR), 'NO'), \
     CAST(t.ENGINE AS CHAR), VERSION() LIKE '%MariaDB%' FROM information_schema.TABLES AS t \
     LEFT JOIN information_schema.ENGINES AS e ON e.ENGINE = t.ENGINE \
     WHERE t.TABLE_SCHEMA = COALESCE(?, DATABASE()) AND t.TABLE_NAME = ?";

/// The columns of a table. MariaDB reports a missing default as `NULL`. Only a generated column has an expression.
const LIST_COLUMNS: &str = "SELECT CAST(COLUMN_NAME AS CHAR), CAST(DATA_TYPE AS CHAR), CAST(COLUMN_TYPE AS CHAR), \
     CAST(COALESCE(CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION) AS SIGNED), CAST(NUMERIC_SCALE AS SIGNED), \
     CAST(DATETIME_PRECISION AS SIGNED), CAST(CHARACTER_SET_NAME AS CHAR), CAST(COLLATION_NAME AS CHAR), \
     IS_NULLABLE = 'YES', COALESCE(COLUMN_DEFAULT <> 'NULL', FALSE) OR EXTRA LIKE '%auto_increment%', \
     COALESCE(GENERATION_EXPRESSION <> '', FALSE), CAST(PRIVILEGES AS CHAR) FROM information_schema.COLUMNS \
     WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION";

/// The checks of a table on MariaDB, where JSON is text with a check.
const LIST_CHECKS: &str = "SELECT CAST(CHECK_CLAUSE AS CHAR) FROM information_schema.CHECK_CONSTRAINTS \
     WHERE CONSTRAINT_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?";

/// The columns of unique indexes, in the order of each index.
const LIST_UNIQUE: &str = "SELECT CAST(INDEX_NAME AS CHAR), CAST(COLUMN_NAME AS CHAR), NULL FROM information_schema.STATISTICS \
     WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? AND NON_UNIQUE = 0 ORDER BY INDEX_NAME, SEQ_IN_INDEX";

/// The columns of foreign keys, and the tables that they refer to, unless this connection does not check them.
const LIST_FOREIGN: &str = "SELECT CAST(CONSTRAINT_NAME AS CHAR), CAST(COLUMN_NAME AS CHAR), \
     CAST(REFERENCED_TABLE_NAME AS CHAR) FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ? \
     AND REFERENCED_TABLE_NAME IS NOT NULL AND @@SESSION.foreign_key_checks = 1 ORDER BY CONSTRAINT_NAME, ORDINAL_POSITION";

pub(super) fn object_names(database: Option<&str>) -> Query {
    Query::new(LIST_OBJECTS, [nullable(database), nullable(database), nullable(database)])
}

pub(super) async fn introspect(
    driver: &dyn Driver,
    database: Option<&str>,
    table: &str,
) -> Result<Option<FoundTable>, DriverError> {
    let ask = |sql: &str| Query::new(sql, [nullable(database), table.into()]);
    let listed = driver.fetch_optional(&ask(LIST_TABLE)).await?;
    let Some([SqlValue::Text(kind), SqlValue::Text(transactions), engine, SqlValue::Integer(is_mariadb)]) =
        listed.as_deref()
    else {
        return Ok(None);
    };
    let kind = match kind.as_str() {
        "BASE TABLE" | "SYSTEM VERSIONED" if transactions == "YES" => "table".to_owned(),
        "BASE TABLE" | "SYSTEM VERSIONED" => format!("table of the engine {}, which has no transactions", text(engine)),
        other => other.to_lowercase(),
    };
    let rows = driver.fetch_all(&ask(LIST_COLUMNS)).await?;
    let checks = if *is_mariadb == 0 { Vec::new() } else { driver.fetch_all(&ask(LIST_CHECKS)).await? };
    let checks: Vec<_> = checks.iter().filter_map(|row| row.first().map(text)).collect();
    let indexes: Vec<_> = driver.fetch_all(&ask(LIST_UNIQUE)).await?.iter().filter_map(constraint).collect();
    let foreign: Vec<_> = driver.fetch_all(&ask(LIST_FOREIGN)).await?.iter().filter_map(constraint).collect();

    let is_alone = |index: &&Constraint| indexes.iter().filter(|other| other.name == index.name).count() == 1;
    let alone = indexes.iter().filter(is_alone);
    let unique = alone.map(|index| Unique { column: index.column.clone(), inexact: None }).collect();
    // Errors of the database contain the last column of each index.
    let qualified = indexes.iter().map(|index| Constraint { name: format!("{table}.{}", index.name), ..index.clone() });
    let mut constraints: Vec<Constraint> = Vec::new();
    for column in qualified.collect::<Vec<_>>().into_iter().chain(indexes).chain(foreign) {
        constraints.retain(|constraint| constraint.name != column.name);
        constraints.push(column);
    }
    let denied =
        if kind == "table" { denied(driver, &rows, &create::qualified(database, table)).await } else { Vec::new() };
    let columns = rows.iter().filter_map(|row| found_column(row, &checks)).collect();
    Ok(Some(FoundTable { kind, partitions: Vec::new(), columns, unique, constraints, denied }))
}

/// Reads a column of a constraint.
fn constraint(row: &Row) -> Option<Constraint> {
    let [name, column, references] = row.as_slice() else {
        return None;
    };
    let references = (*references != SqlValue::Null).then(|| text(references));
    Some(Constraint { name: text(name), column: text(column), references })
}

fn found_column(row: &Row, checks: &[String]) -> Option<FoundColumn> {
    let [name, data_type, declared, length, scale, fraction, charset, collation, nullable, has_default, generated, _] =
        row.as_slice()
    else {
        return None;
    };
    let (name, data_type, declared) = (text(name), text(data_type).to_lowercase(), text(declared));
    let number = |cell: &SqlValue| if let SqlValue::Integer(number) = cell { Some(*number) } else { None };
    let is_true = |cell: &SqlValue| *cell == SqlValue::Integer(1);
    let check = format!("json_valid(`{name}`)");
    let is_json = data_type == "longtext" && checks.iter().any(|found| found.eq_ignore_ascii_case(&check));
    let (length, scale, fraction) = (number(length), number(scale), number(fraction));
    let (charset, collation) = (text(charset), text(collation));
    let repertoire = repertoire(&charset);
    let (kind, limit) =
        Declared { name: &data_type, full: &declared, length, scale, fraction, repertoire, is_json }.kind();
    let declared = if repertoire.is_none() { format!("{declared} CHARACTER SET {charset}") } else { declared };
    Some(FoundColumn {
        name,
        // Not all drivers distinguish text with a binary collation from bytes, see `MySql::selected`.
        sql_type: if collation.ends_with("_bin") { format!("{declared} BINARY") } else { declared.clone() },
        // A binary collation takes precedence over others.
        collation: if collation.ends_with("_bin") { String::new() } else { collation },
        declared: if is_json { "json".to_owned() } else { declared },
        kind,
        list: false,
        limit,
        nullable: is_true(nullable),
        has_default: is_true(has_default),
        generated: is_true(generated),
        inexact: None,
        has_numbers: false,
        stores_any: false,
    })
}

/// Returns the missing privileges. Those on columns are listed with the columns; the privilege to delete rows can only
/// be tested.
async fn denied(driver: &dyn Driver, columns: &[Row], quoted: &str) -> Vec<String> {
    let privileges: Vec<_> = columns.iter().filter_map(|row| row.last().map(text)).collect();
    let is_granted = |name: &str| privileges.iter().any(|granted| granted.split(',').any(|granted| granted == name));
    let of_columns = ["SELECT", "INSERT", "UPDATE"].into_iter().filter(|name| !is_granted(&name.to_lowercase()));
    let mut denied: Vec<_> = of_columns.map(str::to_owned).collect();
    let delete = Query::new(format!("EXPLAIN DELETE FROM {quoted} WHERE 1 = 0"), []);
    if driver.fetch_all(&delete).await.is_err_and(|error| error.failure == Failure::Denied) {
        denied.push("DELETE".to_owned());
    }
    denied
}

fn nullable(text: Option<&str>) -> SqlValue {
    text.map_or(SqlValue::Null, SqlValue::from)
}

/// Returns the text of a cell. Names are always text, and null is read as an empty string.
fn text(cell: &SqlValue) -> String {
    if let SqlValue::Text(text) = cell { text.clone() } else { String::new() }
}

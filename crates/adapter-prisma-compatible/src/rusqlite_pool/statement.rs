//! Runs statements on a connection.

use lucia_sql::driver::{Query, Row, SqlValue};
use rusqlite::{
    CachedStatement, Connection, Result, ToSql,
    types::{ToSqlOutput, ValueRef},
};

/// Runs a query, and returns at most this many rows.
pub(super) fn fetch(connection: &Connection, query: &Query, limit: usize) -> Result<Vec<Row>> {
    let mut statement = prepare(connection, query)?;
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    let mut fetched = Vec::new();
    while fetched.len() < limit
        && let Some(row) = rows.next()?
    {
        fetched.push((0..columns).map(|column| row.get_ref(column).map(cell)).collect::<Result<_>>()?);
    }
    Ok(fetched)
}

/// Runs a statement to its end, without its rows.
pub(super) fn execute(connection: &Connection, query: &Query) -> Result<()> {
    let mut statement = prepare(connection, query)?;
    let mut rows = statement.raw_query();
    while rows.next()?.is_some() {}
    Ok(())
}

/// Runs a statement without parameters and rows.
pub(super) fn run(connection: &Connection, statement: &str) -> Result<()> {
    connection.prepare_cached(statement)?.execute(()).map(drop)
}

/// Rolls back the transaction of a connection, unless there is none: SQLite has already done so after some errors.
/// Returns `false` if there still is one.
pub(super) fn roll_back(connection: &Connection) -> bool {
    connection.is_autocommit() || {
        let _ = run(connection, "ROLLBACK");
        connection.is_autocommit()
    }
}

/// Rolls back the transaction that a function of the application left open. Returns `false` if there still is one, or
/// a statement is running: it would keep the connection in the state of the database that it reads, and SQLite does not
/// commit before the last statement that writes has ended.
pub(super) fn settle(connection: &Connection) -> bool {
    roll_back(connection) && !connection.is_busy()
}

fn prepare<'c>(connection: &'c Connection, query: &Query) -> Result<CachedStatement<'c>> {
    let mut statement = connection.prepare_cached(query.sql())?;
    for (index, value) in (1..).zip(query.bound()) {
        statement.raw_bind_parameter(index, Parameter(value))?;
    }
    Ok(statement)
}

struct Parameter<'v>(&'v SqlValue);

impl ToSql for Parameter<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            SqlValue::Null => ValueRef::Null,
            SqlValue::Boolean(value) => ValueRef::Integer((*value).into()),
            SqlValue::Integer(value) => ValueRef::Integer(*value),
            SqlValue::Real(value) => ValueRef::Real(*value),
            SqlValue::Text(value) => ValueRef::Text(value.as_bytes()),
            SqlValue::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

/// Reads a value by its storage class, because on SQLite it does not depend on the declared type of the column.
fn cell(value: ValueRef<'_>) -> SqlValue {
    match value {
        ValueRef::Null => SqlValue::Null,
        ValueRef::Integer(value) => SqlValue::Integer(value),
        ValueRef::Real(value) => SqlValue::Real(value),
        ValueRef::Text(value) => match std::str::from_utf8(value) {
            Ok(text) => SqlValue::Text(text.to_owned()),
            Err(_) => SqlValue::Blob(value.to_vec()),
        },
        ValueRef::Blob(value) => SqlValue::Blob(value.to_vec()),
    }
}

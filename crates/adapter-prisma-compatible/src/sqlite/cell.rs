use std::error::Error;

use lucia_sql::driver::SqlValue;
use sqlx::{Decode, Sqlite, TypeInfo as _, ValueRef as _, sqlite::SqliteValueRef};

/// Reads a value by its storage class, because on SQLite it does not depend on the declared type of the column.
pub(super) fn cell(value: SqliteValueRef<'_>) -> Result<SqlValue, Box<dyn Error + Send + Sync>> {
    if value.is_null() {
        return Ok(SqlValue::Null);
    }
    let class = value.type_info();
    Ok(match class.name() {
        "INTEGER" => SqlValue::Integer(Decode::<Sqlite>::decode(value)?),
        "REAL" => SqlValue::Real(Decode::<Sqlite>::decode(value)?),
        "TEXT" => match String::from_utf8(Decode::<Sqlite>::decode(value)?) {
            Ok(text) => SqlValue::Text(text),
            Err(error) => SqlValue::Blob(error.into_bytes()),
        },
        _ => SqlValue::Blob(Decode::<Sqlite>::decode(value)?),
    })
}

use lucia_sql::driver::{SqlValue, postgres};
use sqlx::{
    ValueRef as _,
    error::BoxDynError,
    postgres::{PgValueFormat, PgValueRef},
};

/// Reads a value by the type that the server reports.
pub(super) fn cell(value: &PgValueRef<'_>) -> Result<SqlValue, BoxDynError> {
    if value.is_null() {
        return Ok(SqlValue::Null);
    }
    if value.format() == PgValueFormat::Text {
        return Ok(SqlValue::from(value.as_str()?));
    }
    let oid = value.type_info().oid().map_or(0, |oid| oid.0);
    Ok(postgres::read(oid, value.as_bytes()?))
}

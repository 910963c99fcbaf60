use lucia_sql::driver::SqlValue;
use sqlx::{
    Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgTypeInfo, types::Oid},
};

/// A parameter without a type of its own. The statement casts each parameter to its type.
///
/// sqlx prepares a statement once for its text, with the types of its first values. If later values, for example nulls,
/// had other types, the server would misinterpret their bytes.
pub(super) struct Argument<'q>(pub(super) &'q SqlValue);

impl Type<Postgres> for Argument<'_> {
    /// Returns the OID 0, with which the server takes the type from the statement.
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl Encode<'_, Postgres> for Argument<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match self.0 {
            SqlValue::Null => return Ok(IsNull::Yes),
            SqlValue::Boolean(value) => buffer.push(u8::from(*value)),
            SqlValue::Integer(value) => buffer.extend_from_slice(&value.to_be_bytes()),
            SqlValue::Real(value) => buffer.extend_from_slice(&value.to_be_bytes()),
            SqlValue::Text(value) => buffer.extend_from_slice(value.as_bytes()),
            SqlValue::Blob(value) => buffer.extend_from_slice(value),
        }
        Ok(IsNull::No)
    }
}

use lucia_sql::driver::SqlValue;
use sqlx::{
    Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgTypeInfo, types::Oid},
};

/// A parameter that leaves its type to the statement, where each has a cast.
///
/// sqlx prepares a statement once for its text, with the types of the values that it is given then. With any other types
/// later on, nulls among them, the server would read the bytes of one type as those of another.
pub(super) struct Argument<'q>(pub(super) &'q SqlValue);

impl Type<Postgres> for Argument<'_> {
    /// No type: the server takes it from the statement.
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

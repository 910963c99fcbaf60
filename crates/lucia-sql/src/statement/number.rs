use crate::driver::SqlValue;

/// Returns the parameter of a `LIMIT`.
pub(super) fn number(limit: usize) -> SqlValue {
    SqlValue::Integer(i64::try_from(limit).unwrap_or(i64::MAX))
}

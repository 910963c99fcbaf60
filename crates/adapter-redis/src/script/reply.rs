use redis::{FromRedisValue, ParsingError, Value};

/// The reply of a script that changes a session.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The session was changed.
    Done,
    /// The session was changed, and has expired as a result.
    Ended,
    /// A condition was not met: the id is taken, or the expiry is not the expected one.
    Refused,
    /// The session does not exist.
    Gone,
    /// The stored session, which is not the expected one.
    Found(Vec<u8>),
}

impl FromRedisValue for Reply {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        match value {
            Value::Int(0) => Ok(Self::Refused),
            Value::Int(1) => Ok(Self::Done),
            Value::Int(2) => Ok(Self::Ended),
            Value::Nil => Ok(Self::Gone),
            Value::BulkString(value) => Ok(Self::Found(value)),
            _ => Err(ParsingError::from("unexpected reply of a script")),
        }
    }
}

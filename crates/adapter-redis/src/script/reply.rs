use redis::{FromRedisValue, ParsingError, Value};

/// What a script that changes a session says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// It is done.
    Done,
    /// It is done, and the session has ended by it.
    Ended,
    /// A condition was not met: an id is taken, or another expiry was expected.
    Refused,
    /// There is no such session.
    Gone,
    /// The session is this, which is not what was expected.
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

use lucia_core::AdapterErrorKind as Kind;
use redis::{FromRedisValue, ParsingError, Value};

use crate::error::Error;

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

impl Reply {
    /// Returns the error of a session that was not changed. That of [`Reply::Refused`] depends on the script.
    pub(crate) fn done(self, refused: Kind) -> Result<(), Error> {
        match self {
            Self::Done | Self::Ended => Ok(()),
            Self::Gone => Err(Error::Refused(Kind::InvalidSessionId)),
            Self::Refused => Err(Error::Refused(refused)),
            Self::Found(_) => Err(Error::Refused(Kind::Conflict)),
        }
    }
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

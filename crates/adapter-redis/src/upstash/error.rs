use std::{error::Error, fmt, io};

use lucia_http::HttpError;
use redis::{ErrorKind, RedisError};

/// Converts the error of a request. That of an outage is a source of the result.
pub(super) fn redis_error(error: HttpError) -> RedisError {
    if error.is_outage() {
        return io::Error::other(Outage(error)).into();
    }
    let kind = match error {
        HttpError::Refused { .. } => ErrorKind::AuthenticationFailed,
        _ => ErrorKind::Client,
    };
    (kind, "the request to Upstash failed", error.to_string()).into()
}

/// Keeps an error in the chain of sources, from which `io::Error` omits the error that it wraps.
#[derive(Debug)]
struct Outage(HttpError);

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request to Upstash failed")
    }
}

impl Error for Outage {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

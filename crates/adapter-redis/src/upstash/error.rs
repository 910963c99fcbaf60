use std::{
    error::Error,
    fmt, io,
    time::{Duration, SystemTime},
};

use redis::{ErrorKind, RedisError};
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// An outage of Upstash's REST API or of the network; a source of an
/// [`Unavailable`](lucia_core::AdapterErrorKind::Unavailable) error.
///
/// Contains no URL, key, token or body.
///
/// ```
/// use adapter_redis::UpstashError;
/// use lucia_core::AdapterError;
///
/// fn how_long_to_wait(error: &AdapterError) -> Option<std::time::Duration> {
///     error.downcast_ref::<UpstashError>()?.retry_after()
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpstashError {
    /// The service could not be reached, the connection broke, or the certificate is not trusted.
    #[error("the service could not be reached, or the connection broke")]
    #[non_exhaustive]
    Transport {
        /// `true` if the request may have been sent and its command run.
        may_have_run: bool,
        /// The error of the HTTP client.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The timeout of the request elapsed.
    #[error("the service did not respond in time")]
    TimedOut,
    /// The service responded with an error status.
    #[error("the service responded with status {status}")]
    #[non_exhaustive]
    Status {
        /// The status: 408, 425, 429 or 5xx.
        status: u16,
        /// The delay that the service requests before the next request.
        retry_after: Option<Duration>,
    },
}

impl UpstashError {
    /// Returns the status of the response, if there was one.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        if let Self::Status { status, .. } = self { Some(*status) } else { None }
    }

    /// Returns the delay that the service requests before the next request.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        if let Self::Status { retry_after, .. } = self { *retry_after } else { None }
    }
}

impl From<UpstashError> for RedisError {
    fn from(error: UpstashError) -> Self {
        io::Error::other(Failed(error)).into()
    }
}

/// Keeps an error in the chain of sources, from which `io::Error` omits the error that it wraps.
#[derive(Debug)]
struct Failed(UpstashError);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request to Upstash failed")
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// The failure of a request.
pub(super) enum Failure {
    Outage(UpstashError),
    /// A failure that a retry cannot fix.
    Permanent(RedisError),
}

impl From<Failure> for RedisError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Outage(error) => error.into(),
            Failure::Permanent(error) => error,
        }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Outage(UpstashError::Transport { may_have_run: !error.is_connect(), source: error.without_url().into() })
    }
}

impl Failure {
    /// Creates the failure of a response with this status.
    pub(super) fn of_status(status: u16, headers: &HeaderMap) -> Self {
        let permanent = |kind, what| Self::Permanent((kind, what, format!("status {status}")).into());
        match status {
            401 | 403 => permanent(ErrorKind::AuthenticationFailed, "the service rejected the token"),
            300..=399 => permanent(ErrorKind::Client, "redirects are not followed: check the URL of the service"),
            408 | 425 | 429 | 500..=599 => {
                Self::Outage(UpstashError::Status { status, retry_after: retry_after(headers) })
            }
            _ => permanent(ErrorKind::Client, "unexpected status: check the URL of the service"),
        }
    }
}

/// Reads `Retry-After`: seconds, or a date, which is relative to the date of the response.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let date = |text: &str| -> Option<SystemTime> { httpdate::parse_http_date(text).ok() };
    let value = text(RETRY_AFTER)?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    Some(date(value)?.duration_since(date(text(DATE)?)?).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use lucia_core::AdapterErrorKind as Kind;
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn an_outage_is_a_source_of_the_adapters_error() {
        let outage = UpstashError::Status { status: 429, retry_after: Some(Duration::from_secs(7)) };
        let error = lucia_core::AdapterError::from(crate::error::Error::from(RedisError::from(outage)));
        assert_eq!(error.kind(), Kind::Unavailable);
        let found = error.downcast_ref::<UpstashError>().unwrap();
        assert_eq!((found.status(), found.retry_after()), (Some(429), Some(Duration::from_secs(7))));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let read = |after: &'static str, date: Option<&'static str>| {
            let mut headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(after))]);
            headers.extend(date.map(|date| (DATE, HeaderValue::from_static(date))));
            retry_after(&headers)
        };
        assert_eq!(read(" 120 ", None), Some(Duration::from_secs(120)));
        let (earlier, later) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:50:37 GMT");
        assert_eq!(read(later, Some(earlier)), Some(Duration::from_secs(60)));
        assert_eq!(read(earlier, Some(later)), Some(Duration::ZERO));
        for nonsense in ["", "soon", "-1", "1.5", later] {
            assert_eq!(read(nonsense, None), None, "{nonsense}");
        }
    }
}

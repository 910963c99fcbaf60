use std::{fmt, time::Duration};

/// The settings of an [`UpstashConnection`](crate::UpstashConnection).
///
/// ```
/// use std::time::Duration;
/// use adapter_redis::UpstashConfig;
///
/// let config = UpstashConfig::new().response_timeout(Duration::from_secs(2)).max_attempts(2);
/// ```
#[derive(Clone)]
#[must_use]
pub struct UpstashConfig {
    pub(super) client: Option<reqwest::Client>,
    pub(super) response_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) max_attempts: usize,
    pub(super) max_concurrency: usize,
    pub(super) max_response_bytes: usize,
}

impl UpstashConfig {
    /// Creates the default settings.
    pub const fn new() -> Self {
        Self {
            client: None,
            response_timeout: Duration::from_secs(4),
            timeout: Duration::from_secs(10),
            max_attempts: 3,
            max_concurrency: 64,
            max_response_bytes: 32 * 1024 * 1024,
        }
    }

    /// Sets the HTTP client, for example to use another connect timeout, your own root certificate, or a proxy.
    ///
    /// Defaults to a client with a connect timeout of 3 s that closes idle connections after 4 s, does not follow
    /// redirects, and ignores the proxies of the environment, because a proxy sees the token and the session ids of an
    /// `http` URL.
    pub fn client(mut self, client: reqwest::Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Sets the timeout of one attempt, from connecting to the end of the response. Defaults to 4 s.
    pub const fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = timeout;
        self
    }

    /// Sets the timeout of a request, including the wait for its turn, all attempts, and the pauses between them.
    /// Defaults to 10 s.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the maximum number of attempts of a request. Defaults to 3.
    ///
    /// Reads, deletions and revocations are retried after every outage, other commands only if the service did not run
    /// them. Pauses double from 100 ms, with jitter, plus the response's `Retry-After` if the timeout allows it.
    pub const fn max_attempts(mut self, attempts: usize) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets the maximum number of concurrent requests, at least one; others wait. Defaults to 64.
    pub const fn max_concurrency(mut self, requests: usize) -> Self {
        self.max_concurrency = requests;
        self
    }

    /// Sets the maximum size of a response, in bytes. Defaults to 32 MiB. A larger response is an error and is not read
    /// to its end.
    pub const fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = bytes;
        self
    }
}

/// Omits the client, whose default headers may contain secrets.
impl fmt::Debug for UpstashConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpstashConfig")
            .field("response_timeout", &self.response_timeout)
            .field("timeout", &self.timeout)
            .field("max_attempts", &self.max_attempts)
            .field("max_concurrency", &self.max_concurrency)
            .field("max_response_bytes", &self.max_response_bytes)
            .finish_non_exhaustive()
    }
}

impl Default for UpstashConfig {
    fn default() -> Self {
        Self::new()
    }
}

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
    /// Returns the default settings.
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

    /// Sets the HTTP client: for another connect timeout, a root certificate of your own, or a proxy.
    ///
    /// By default, connecting may take 3 s, an idle connection is closed after 4 s, redirects are not followed, and the
    /// proxies of the environment are not used: a proxy sees the token and the session ids of an `http` URL.
    pub fn client(mut self, client: reqwest::Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Sets the timeout of one attempt of a request, from connecting to the end of the answer. Defaults to 4 s.
    pub const fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = timeout;
        self
    }

    /// Sets the timeout of a request: waiting for its turn, all attempts, and the pauses between them. Defaults to 10 s.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how often a request is attempted. Defaults to 3.
    ///
    /// Reads are attempted again after every outage, other commands only if the service did not run them. Pauses double from
    /// 100 ms, with a random part; a `Retry-After` that fits into the timeout is added.
    pub const fn max_attempts(mut self, attempts: usize) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets how many requests run at once, at least one; others wait. Defaults to 64.
    pub const fn max_concurrency(mut self, requests: usize) -> Self {
        self.max_concurrency = requests;
        self
    }

    /// Sets the maximum size of an answer. Defaults to 32 MiB. A larger one is an error, and is not read to its end.
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

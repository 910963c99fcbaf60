use std::{fmt, time::Duration};

use reqwest::Certificate;

/// The settings of HTTP requests: timeouts, retries and limits.
///
/// ```
/// use std::time::Duration;
/// use lucia_http::HttpConfig;
///
/// let config = HttpConfig::new().timeout(Duration::from_secs(5)).max_attempts(2).max_concurrency(16);
/// ```
#[derive(Clone)]
#[must_use]
pub struct HttpConfig {
    pub(crate) connect_timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) max_attempts: usize,
    pub(crate) max_concurrency: usize,
    pub(crate) max_response_bytes: usize,
    pub(crate) proxy_from_env: bool,
    pub(crate) root_certificates: Vec<Certificate>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self::new()
    }
}

impl HttpConfig {
    /// Creates the default settings.
    pub const fn new() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            attempt_timeout: Duration::from_secs(4),
            timeout: Duration::from_secs(10),
            // Node closes connections that have been idle for 5 s.
            idle_timeout: Duration::from_secs(4),
            max_attempts: 3,
            max_concurrency: 64,
            max_response_bytes: 32 * 1024 * 1024,
            proxy_from_env: false,
            root_certificates: Vec::new(),
        }
    }

    /// Sets the connect timeout, including the TLS handshake. Defaults to 3 s.
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the timeout of one attempt, including reading the whole response. Defaults to 4 s.
    pub const fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Sets the timeout of a request, including the wait for its turn, all attempts, and the pauses between them.
    /// Defaults to 10 s.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the time after which an idle connection is closed. Defaults to 4 s.
    ///
    /// It should be less than the server's limit, which is 5 s in Node: a request on a connection that the server is
    /// closing must be retried.
    pub const fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Sets the maximum number of attempts of a request. Defaults to 3.
    ///
    /// A request is retried only after transient failures, and only if sending it twice is harmless. Pauses double from
    /// 100 ms, with jitter, plus the response's `Retry-After` if the timeout allows it.
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

    /// Sends requests through the proxy of the environment (`HTTP_PROXY`, `HTTPS_PROXY` or `ALL_PROXY`), unless
    /// `NO_PROXY` exempts the service. Defaults to no proxy.
    ///
    /// A proxy sees session ids and the token of a service at an `http` URL.
    pub const fn proxy_from_env(mut self) -> Self {
        self.proxy_from_env = true;
        self
    }

    /// Adds a root certificate to those of the system.
    pub fn root_certificate(mut self, certificate: Certificate) -> Self {
        self.root_certificates.push(certificate);
        self
    }
}

impl fmt::Debug for HttpConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpConfig")
            .field("connect_timeout", &self.connect_timeout)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("timeout", &self.timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("max_attempts", &self.max_attempts)
            .field("max_concurrency", &self.max_concurrency)
            .field("max_response_bytes", &self.max_response_bytes)
            .field("proxy_from_env", &self.proxy_from_env)
            .field("root_certificates", &self.root_certificates.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_closed_before_node_closes_them() {
        assert!(HttpConfig::new().idle_timeout < Duration::from_secs(5));
    }
}

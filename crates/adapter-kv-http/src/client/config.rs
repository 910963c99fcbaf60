use std::{fmt, time::Duration};

use reqwest::Certificate;

/// The settings of HTTP requests: timeouts, retries and limits.
///
/// ```
/// use std::time::Duration;
/// use adapter_kv_http::HttpConfig;
///
/// let config = HttpConfig::new().timeout(Duration::from_secs(5)).max_attempts(2).max_concurrency(16);
/// ```
#[derive(Clone)]
#[must_use]
pub struct HttpConfig {
    pub(super) connect_timeout: Duration,
    pub(super) attempt_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) idle_timeout: Duration,
    pub(super) max_attempts: usize,
    pub(super) max_concurrency: usize,
    pub(super) max_body_bytes: usize,
    pub(super) max_listing_bytes: usize,
    pub(super) proxy_from_env: bool,
    pub(super) root_certificates: Vec<Certificate>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self::new()
    }
}

impl HttpConfig {
    /// Returns the default settings.
    pub const fn new() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            attempt_timeout: Duration::from_secs(4),
            timeout: Duration::from_secs(10),
            // Node closes a connection that has been idle for five.
            idle_timeout: Duration::from_secs(4),
            max_attempts: 3,
            max_concurrency: 64,
            max_body_bytes: 32 * 1024 * 1024,
            max_listing_bytes: 512 * 1024 * 1024,
            proxy_from_env: false,
            root_certificates: Vec::new(),
        }
    }

    /// Sets the connect timeout, TLS handshake included. Defaults to 3 s.
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the timeout of one attempt of a request, until the whole answer is there. Defaults to 4 s.
    pub const fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Sets the timeout of a request in all: waiting for its turn, every attempt, and the pauses between them. Defaults to
    /// 10 seconds.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how long a connection is kept without a request. Defaults to 4 s.
    ///
    /// It should be less than the server's own limit, which is 5 seconds in Node: a request that meets a closing connection
    /// has to be made again.
    pub const fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Sets how often a request is attempted. Defaults to 3.
    ///
    /// A request is retried only after failures that may pass, and only where sending it twice does no harm. Pauses double
    /// from 100 ms, with a random part; a `Retry-After` that fits into the timeout is added.
    pub const fn max_attempts(mut self, attempts: usize) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets how many requests of one store run at once, at least one; others wait. Defaults to 64.
    pub const fn max_concurrency(mut self, requests: usize) -> Self {
        self.max_concurrency = requests;
        self
    }

    /// Sets the maximum size of an answer. Defaults to 32 MiB. A larger one is an error, and is not read to its end.
    pub const fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// Sets the maximum size of the answer of an unstorage server that lists keys: it lists all of them at once, where other
    /// services have pages. Defaults to 512 MiB, enough for ten million sessions.
    pub const fn max_listing_bytes(mut self, bytes: usize) -> Self {
        self.max_listing_bytes = bytes;
        self
    }

    /// Sends requests through the proxy that the environment names: `HTTP_PROXY`, `HTTPS_PROXY` or `ALL_PROXY`, unless
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
            .field("max_body_bytes", &self.max_body_bytes)
            .field("max_listing_bytes", &self.max_listing_bytes)
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

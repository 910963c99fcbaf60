use std::{fmt, time::Duration};

use reqwest::Certificate;

/// How long requests may take, how often they are made again, and how much of the service they may ask for at once.
///
/// ```
/// use std::time::Duration;
/// use adapter_kv_http::HttpOptions;
///
/// let options = HttpOptions::default().timeout(Duration::from_secs(5)).retries(1).max_concurrency(16);
/// ```
#[derive(Clone)]
pub struct HttpOptions {
    pub(super) connect_timeout: Duration,
    pub(super) attempt_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) idle_timeout: Duration,
    pub(super) retries: usize,
    pub(super) max_concurrency: usize,
    pub(super) max_body_bytes: usize,
    pub(super) max_listing_bytes: usize,
    pub(super) proxy_from_env: bool,
    pub(super) root_certificates: Vec<Certificate>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            attempt_timeout: Duration::from_secs(4),
            timeout: Duration::from_secs(10),
            // Node closes a connection that has been idle for five.
            idle_timeout: Duration::from_secs(4),
            retries: 2,
            max_concurrency: 64,
            max_body_bytes: 32 * 1024 * 1024,
            max_listing_bytes: 512 * 1024 * 1024,
            proxy_from_env: false,
            root_certificates: Vec::new(),
        }
    }
}

impl HttpOptions {
    /// Sets the connect timeout, TLS handshake included. Defaults to 3 seconds.
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the timeout of one attempt of a request, until the whole answer is there. Defaults to 4 seconds.
    #[must_use]
    pub const fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Sets the timeout of a request in all: waiting for its turn, every attempt, and the pauses between them. Defaults to
    /// 10 seconds.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how long a connection is kept without a request. Defaults to 4 seconds.
    ///
    /// It should be less than the server's own limit, which is 5 seconds in Node: a request that meets a closing connection
    /// has to be made again.
    #[must_use]
    pub const fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// Sets how often a failed request is made again. Defaults to 2.
    ///
    /// Only after failures that may pass, and only where making it twice does no harm. Pauses double from 100 milliseconds,
    /// with a random part; a `Retry-After` that fits into the time limit comes on top.
    #[must_use]
    pub const fn retries(mut self, retries: usize) -> Self {
        self.retries = retries;
        self
    }

    /// Sets how many requests of one store run at once, at least one; others wait. Defaults to 64.
    #[must_use]
    pub const fn max_concurrency(mut self, requests: usize) -> Self {
        self.max_concurrency = requests;
        self
    }

    /// Sets how large an answer may be. A larger one is an error, and is not read to its end. Defaults to 32 MiB.
    #[must_use]
    pub const fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// Sets how large the answer of an unstorage server may be that lists keys: it lists all of them at once, where other
    /// services have pages. Defaults to 512 MiB, which hold ten million sessions.
    #[must_use]
    pub const fn max_listing_bytes(mut self, bytes: usize) -> Self {
        self.max_listing_bytes = bytes;
        self
    }

    /// Sends requests through the proxy that the environment names: `HTTP_PROXY`, `HTTPS_PROXY` or `ALL_PROXY`, unless
    /// `NO_PROXY` exempts the service. Otherwise no proxy is used.
    ///
    /// A proxy sees session ids and the token of a service at an `http` URL.
    #[must_use]
    pub const fn proxy_from_env(mut self) -> Self {
        self.proxy_from_env = true;
        self
    }

    /// Trusts a root certificate, beside those of the system.
    #[must_use]
    pub fn root_certificate(mut self, certificate: Certificate) -> Self {
        self.root_certificates.push(certificate);
        self
    }
}

impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("connect_timeout", &self.connect_timeout)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("timeout", &self.timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("retries", &self.retries)
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
        assert!(HttpOptions::default().idle_timeout < Duration::from_secs(5));
    }
}

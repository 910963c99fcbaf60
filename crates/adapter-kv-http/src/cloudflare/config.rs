use std::{fmt, sync::Arc};

use lucia_core::{Clock, SystemClock};
use lucia_http::HttpConfig;

/// The settings of a [`CloudflareStore`](crate::CloudflareStore).
///
/// ```
/// use std::time::Duration;
/// use adapter_kv_http::{CloudflareConfig, HttpConfig};
///
/// let config = CloudflareConfig::new().http(HttpConfig::new().timeout(Duration::from_secs(5)));
/// ```
#[derive(Clone)]
#[must_use]
pub struct CloudflareConfig {
    pub(super) url: String,
    pub(super) http: HttpConfig,
    pub(super) clock: Arc<dyn Clock>,
}

impl CloudflareConfig {
    /// Creates the default settings.
    pub fn new() -> Self {
        let url = "https://api.cloudflare.com/client/v4".to_owned();
        Self { url, http: HttpConfig::new(), clock: Arc::new(SystemClock) }
    }

    /// Sets the URL of the API, for a proxy or for tests. Defaults to Cloudflare's API.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.url = url.into();
        self
    }

    /// Sets the timeouts, retries and limits of requests.
    pub fn http(mut self, config: HttpConfig) -> Self {
        self.http = config;
        self
    }

    /// Sets the clock from which expiries are calculated, for tests. Defaults to the system clock.
    ///
    /// Sessions expire by the clock of the adapter, [`KvConfig::clock`](lucia_core::kv::KvConfig::clock).
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }
}

impl Default for CloudflareConfig {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CloudflareConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL is not validated yet, and may contain a password.
        f.debug_struct("CloudflareConfig").field("http", &self.http).finish_non_exhaustive()
    }
}

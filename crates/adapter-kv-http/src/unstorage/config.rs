use std::{fmt, sync::Arc};

use lucia_core::{Clock, SystemClock};
use lucia_http::{
    HttpConfig, HttpSetupError,
    reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName},
    secret,
};

/// The settings of an [`UnstorageStore`](crate::UnstorageStore).
///
/// ```
/// use std::time::Duration;
/// use adapter_kv_http::{HttpConfig, UnstorageConfig, UnstorageStore};
///
/// let config = UnstorageConfig::new()
///     .bearer_token("the token that the server's `authorize` function expects")
///     .http(HttpConfig::new().timeout(Duration::from_secs(5)));
/// let store = UnstorageStore::with_config("https://kv.example.com", config)?;
/// # Ok::<(), adapter_kv_http::SetupError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct UnstorageConfig {
    headers: Vec<(String, String)>,
    pub(super) expires_keys: bool,
    pub(super) max_listing_bytes: usize,
    pub(super) http: HttpConfig,
    pub(super) clock: Arc<dyn Clock>,
}

impl UnstorageConfig {
    /// Creates the default settings.
    pub fn new() -> Self {
        Self {
            headers: Vec::new(),
            expires_keys: false,
            max_listing_bytes: 512 * 1024 * 1024,
            http: HttpConfig::new(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Sends `Authorization: Bearer {token}` with each request.
    pub fn bearer_token(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), format!("Bearer {token}"))
    }

    /// Sends a header with each request. Its value is treated as a secret.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Declares that the server's driver deletes expired keys, as those for Redis, Vercel KV and Cloudflare KV do with
    /// unstorage 1.12 or newer.
    ///
    /// By default the adapter deletes expired sessions when `delete_expired_sessions` is called, which reads all
    /// sessions.
    pub fn driver_expires_keys(mut self) -> Self {
        self.expires_keys = true;
        self
    }

    /// Sets the maximum size of a list of keys, which servers do not paginate. Defaults to 512 MiB, enough for ten million
    /// sessions.
    pub fn max_listing_bytes(mut self, bytes: usize) -> Self {
        self.max_listing_bytes = bytes;
        self
    }

    /// Sets the timeouts, retries and limits of requests.
    pub fn http(mut self, config: HttpConfig) -> Self {
        self.http = config;
        self
    }

    /// Sets the clock from which times to live are calculated, for tests. Defaults to the system clock.
    ///
    /// Sessions expire by the clock of the adapter, [`KvConfig::clock`](lucia_core::kv::KvConfig::clock).
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    pub(super) fn headers(&self) -> Result<HeaderMap, HttpSetupError> {
        let mut headers = HeaderMap::with_capacity(self.headers.len());
        for (name, value) in &self.headers {
            let value = secret(name, value)?;
            let name = HeaderName::try_from(name).map_err(|_| HttpSetupError::invalid_header(name))?;
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

impl Default for UnstorageConfig {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for UnstorageConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnstorageConfig")
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("max_listing_bytes", &self.max_listing_bytes)
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}

use std::sync::Arc;

use lucia_core::{
    Clock, SystemClock,
    kv::{KvLayout, KvSessionAdapter},
};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName};

use super::UnstorageStore;
use crate::{HttpOptions, SetupError, client};

/// Where an unstorage server is, and how to ask it.
///
/// The prefixes are the options `sessionKeyPrefix` and `userSessionKeyPrefix` of Lucia's Unstorage adapter, with their
/// defaults.
///
/// ```
/// use std::time::Duration;
/// use adapter_kv_http::{HttpOptions, UnstorageConfig};
///
/// let adapter = UnstorageConfig::new("https://kv.example.com")
///     .bearer_token("a token that the server's `authorize` function looks for")
///     .session_key_prefix("session")
///     .user_session_key_prefix("user_session")
///     .http(HttpOptions::default().timeout(Duration::from_secs(5)))
///     .session_adapter()?;
/// # Ok::<(), adapter_kv_http::SetupError>(())
/// ```
#[derive(Clone)]
pub struct UnstorageConfig {
    url: String,
    headers: Vec<(String, String)>,
    session: String,
    user_session: String,
    expires_keys: bool,
    http: HttpOptions,
    clock: Arc<dyn Clock>,
}

impl UnstorageConfig {
    /// The server at this URL, which is the root of its storage.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            headers: Vec::new(),
            session: "session".to_owned(),
            user_session: "user_session".to_owned(),
            expires_keys: false,
            http: HttpOptions::default(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Sends `Authorization: Bearer {token}` with each request.
    #[must_use]
    pub fn bearer_token(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), format!("Bearer {token}"))
    }

    /// Sends a header with each request. Its value is treated as a secret.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the prefix of the keys of sessions. Defaults to `session`.
    #[must_use]
    pub fn session_key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.session = prefix.into();
        self
    }

    /// Sets the prefix of the keys of the index. Defaults to `user_session`.
    #[must_use]
    pub fn user_session_key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.user_session = prefix.into();
        self
    }

    /// Says that the server's driver drops keys that have expired: those for Redis, Vercel KV and Cloudflare KV do, behind
    /// unstorage 1.12 or newer.
    ///
    /// Otherwise the adapter deletes expired sessions itself when `delete_expired_sessions` is called, and reads all of them
    /// for it.
    #[must_use]
    pub fn driver_expires_keys(mut self) -> Self {
        self.expires_keys = true;
        self
    }

    /// Sets the limits of requests: of their time, size and number.
    #[must_use]
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// Takes the present from elsewhere: for tests.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The store alone. Nothing is asked of the server yet.
    ///
    /// # Errors
    /// [`SetupError`] for a URL or header that cannot be used, and if the client cannot be made.
    pub fn store(self) -> Result<UnstorageStore, SetupError> {
        let base = client::base_url(&self.url)?;
        let mut headers = HeaderMap::with_capacity(self.headers.len());
        for (name, value) in &self.headers {
            let value = client::secret(name, value)?;
            let name = HeaderName::try_from(name).map_err(|_| SetupError::Header(name.clone()))?;
            headers.insert(name, value);
        }
        let client = client::Client::new(self.http, headers, self.clock)?;
        Ok(UnstorageStore::from_parts(client, base, self.expires_keys))
    }

    /// The adapter for sessions.
    ///
    /// # Errors
    /// As [`store`](Self::store), and for prefixes that make no layout.
    pub fn session_adapter(self) -> Result<KvSessionAdapter<UnstorageStore>, SetupError> {
        let layout = KvLayout::new(self.session.clone(), self.user_session.clone())?;
        let clock = Arc::clone(&self.clock);
        Ok(KvSessionAdapter::new(self.store()?, layout, clock))
    }
}

impl std::fmt::Debug for UnstorageConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL could hold a password: whether it does is looked at when the store is made.
        f.debug_struct("UnstorageConfig")
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("session_key_prefix", &self.session)
            .field("user_session_key_prefix", &self.user_session)
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}

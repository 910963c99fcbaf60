use std::{fmt, sync::Arc};

use lucia_core::{Clock, SystemClock};
use reqwest::header::{AUTHORIZATION, HeaderMap};

use super::{UpstashSessionAdapter, names::Names, rest::Rest};
use crate::{HttpOptions, SetupError, client};

/// A Redis database of Upstash's or a Vercel KV store, and how to ask its REST API for it.
///
/// The prefixes and their defaults are those of Lucia's Redis adapter.
///
/// ```
/// use adapter_kv_http::UpstashConfig;
///
/// let adapter = UpstashConfig::new("https://us1-merry-cat-32748.upstash.io", "the database's REST token")
///     .session_prefix("session")
///     .user_session_prefix("userSession")
///     .session_adapter()?;
/// # Ok::<(), adapter_kv_http::SetupError>(())
/// ```
#[derive(Clone)]
pub struct UpstashConfig {
    url: String,
    token: String,
    session: String,
    user_session: String,
    index_expires: bool,
    http: HttpOptions,
    clock: Arc<dyn Clock>,
}

impl UpstashConfig {
    /// The database with this REST URL and this token, which may write: `UPSTASH_REDIS_REST_URL` and
    /// `UPSTASH_REDIS_REST_TOKEN` in Upstash's console, `KV_REST_API_URL` and `KV_REST_API_TOKEN` in Vercel's.
    #[must_use]
    pub fn new(url: impl Into<String>, token: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            token: token.into(),
            session: "session".to_owned(),
            user_session: "userSession".to_owned(),
            index_expires: true,
            http: HttpOptions::default(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Sets the prefix of the keys of sessions. Defaults to `session`.
    #[must_use]
    pub fn session_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.session = prefix.into();
        self
    }

    /// Sets the prefix of the keys of the index. Defaults to `userSession`. Lucia JS 2.0 to 2.1.2: `user_sessions`.
    #[must_use]
    pub fn user_session_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.user_session = prefix.into();
        self
    }

    /// Sets whether the index of a user expires with its longest session. Defaults to `true`. Set it to `false` while Lucia
    /// JS writes to the same indexes: it adds to one without renewing its expiry.
    #[must_use]
    pub const fn index_expires(mut self, expires: bool) -> Self {
        self.index_expires = expires;
        self
    }

    /// Sets the limits of requests: of their time, size and number.
    #[must_use]
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// The adapter for sessions. Nothing is asked of the API yet; [`check`](UpstashSessionAdapter::check) does.
    ///
    /// # Errors
    /// [`SetupError`] for a token or URL that cannot be used, for prefixes that are empty or cross, and if the client cannot
    /// be made.
    pub fn session_adapter(self) -> Result<UpstashSessionAdapter, SetupError> {
        let names = Names::new(&self.session, &self.user_session)?;
        let url = client::base_url(&self.url)?;
        let headers = HeaderMap::from_iter([(AUTHORIZATION, client::bearer(&self.token)?)]);
        let client = client::Client::new(self.http, headers, self.clock)?;
        Ok(UpstashSessionAdapter::from_parts(Rest::new(client, url), names, self.index_expires))
    }
}

impl fmt::Debug for UpstashConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpstashConfig")
            .field("session_prefix", &self.session)
            .field("user_session_prefix", &self.user_session)
            .field("index_expires", &self.index_expires)
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_debug_shows_the_token() {
        let config = UpstashConfig::new("https://kv.example.com", "hunter2");
        assert!(!format!("{config:?}").contains("hunter2"));
        assert!(!format!("{:?}", config.session_adapter().unwrap()).contains("hunter2"));
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let refused = |config: UpstashConfig| config.session_adapter().unwrap_err();
        assert!(matches!(refused(UpstashConfig::new("redis://kv", "t")), SetupError::Url(_)));
        assert!(matches!(refused(UpstashConfig::new("https://kv", "a\nb")), SetupError::Header(_)));
        let crossing = UpstashConfig::new("https://kv", "t").user_session_prefix("session:x");
        assert!(matches!(refused(crossing), SetupError::Layout(_)));
    }
}

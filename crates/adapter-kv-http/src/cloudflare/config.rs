use std::{fmt, sync::Arc};

use lucia_core::{
    Clock, SystemClock,
    kv::{KvLayout, KvSessionAdapter},
};
use reqwest::header::{AUTHORIZATION, HeaderMap};

use super::CloudflareStore;
use crate::{HttpOptions, SetupError, client};

/// A Workers KV namespace, and how to ask the REST API for it.
///
/// The prefixes are those of Lucia's Cloudflare KV adapter, with their defaults.
///
/// ```
/// use adapter_kv_http::CloudflareConfig;
///
/// let (account, namespace) = ("023e105f4ecef8ad9ca31a8372d0c353", "0f2ac74b498b48028cb68387c421e279");
/// let adapter = CloudflareConfig::new(account, namespace, "a token that may read and write Workers KV")
///     .session_prefix("session")
///     .user_sessions_prefix("user_sessions")
///     .session_adapter()?;
/// # Ok::<(), adapter_kv_http::SetupError>(())
/// ```
#[derive(Clone)]
pub struct CloudflareConfig {
    account: String,
    namespace: String,
    token: String,
    url: String,
    session: String,
    user_sessions: String,
    http: HttpOptions,
    clock: Arc<dyn Clock>,
}

impl CloudflareConfig {
    /// The namespace with this id, of the account with that one, and an API token with the permission "Workers KV Storage:
    /// Edit".
    #[must_use]
    pub fn new(account_id: impl Into<String>, namespace_id: impl Into<String>, token: impl Into<String>) -> Self {
        Self {
            account: account_id.into(),
            namespace: namespace_id.into(),
            token: token.into(),
            url: "https://api.cloudflare.com/client/v4".to_owned(),
            session: "session".to_owned(),
            user_sessions: "user_sessions".to_owned(),
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

    /// Sets the prefix of the keys of the index. Defaults to `user_sessions`.
    #[must_use]
    pub fn user_sessions_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.user_sessions = prefix.into();
        self
    }

    /// Asks another server than Cloudflare's: a proxy, or one for tests.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.url = url.into();
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

    /// The store alone. Nothing is asked of the API yet.
    ///
    /// # Errors
    /// [`SetupError`] for a token, URL or identifier that cannot be used, and if the client cannot be made.
    pub fn store(self) -> Result<CloudflareStore, SetupError> {
        for (name, id) in [("account id", &self.account), ("namespace id", &self.namespace)] {
            if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
                return Err(SetupError::Identifier(name));
            }
        }
        let mut url = client::base_url(&self.url)?;
        let root = url.path().trim_end_matches('/');
        let path = format!("{root}/accounts/{}/storage/kv/namespaces/{}", self.account, self.namespace);
        url.set_path(&path);
        let headers = HeaderMap::from_iter([(AUTHORIZATION, client::bearer(&self.token)?)]);
        Ok(CloudflareStore::from_parts(client::Client::new(self.http, headers, self.clock)?, url))
    }

    /// The adapter for sessions.
    ///
    /// # Errors
    /// As [`store`](Self::store), and for prefixes that make no layout.
    pub fn session_adapter(self) -> Result<KvSessionAdapter<CloudflareStore>, SetupError> {
        let layout = KvLayout::new(self.session.clone(), self.user_sessions.clone())?;
        let clock = Arc::clone(&self.clock);
        Ok(KvSessionAdapter::new(self.store()?, layout, clock))
    }
}

impl fmt::Debug for CloudflareConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudflareConfig")
            .field("account", &self.account)
            .field("namespace", &self.namespace)
            .field("session_prefix", &self.session)
            .field("user_sessions_prefix", &self.user_sessions)
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_that_would_change_the_path_are_refused() {
        for id in ["", "a/b", "..", "a?b", "a b", "é"] {
            let refused = |account, namespace| CloudflareConfig::new(account, namespace, "token").store();
            assert!(matches!(refused(id, "n"), Err(SetupError::Identifier("account id"))), "{id}");
            assert!(matches!(refused("a", id), Err(SetupError::Identifier("namespace id"))), "{id}");
        }
    }

    #[test]
    fn no_debug_shows_the_token() {
        let config = CloudflareConfig::new("a1", "n1", "hunter2");
        let shown = format!("{config:?} {:?}", config.clone().store().unwrap());
        assert!(!shown.contains("hunter2") && shown.contains("n1"), "{shown}");
    }
}

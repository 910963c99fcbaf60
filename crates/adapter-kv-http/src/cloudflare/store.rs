use std::{collections::HashMap, fmt, time::Duration};

use lucia_core::{
    AdapterResult, UnixMillis, async_trait,
    kv::{Batches, Expiry, KvEntry, KvLayout, KvPage, KvStore},
};
use lucia_http::{
    BaseUrl, Client, HttpError, Request, Response, Retry, bearer,
    reqwest::{
        Method, StatusCode, Url,
        header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue},
    },
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{config::CloudflareConfig, envelope};
use crate::{USER_AGENT, error::Error, setup_error::SetupError};

/// A Workers KV namespace, accessed through the REST API.
///
/// Reads and listings are eventually consistent: Cloudflare documents delays of 60 s and more.
///
/// A key of more than 512 bytes never exists: reading it returns `None`, and writing it fails with
/// [`UnsupportedId`](lucia_core::AdapterErrorKind::UnsupportedId).
///
/// ```no_run
/// use adapter_kv_http::CloudflareStore;
/// use lucia_core::{UnixMillis, kv::KvStore};
///
/// # async fn example(account: &str, namespace: &str, token: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let store = CloudflareStore::new(account, namespace, token)?;
/// store.put("greeting", b"hello", UnixMillis::MAX).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct CloudflareStore {
    client: Client,
    /// The URL of the namespace.
    namespace: BaseUrl,
}

/// The minimum time to live of a key.
const MIN_TTL: Duration = Duration::from_secs(60);
const MAX_KEY_BYTES: usize = 512;
const MAX_KEYS_READ_AT_ONCE: usize = 100;
const MAX_KEYS_WRITTEN_AT_ONCE: usize = 10_000;
/// The error code of a key that does not exist. That of an unknown namespace differs, with the same status.
const KEY_NOT_FOUND: u64 = 10009;

/// The characters that are percent-encoded in path segments and query values.
const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl CloudflareStore {
    /// Creates a store on a namespace of an account, with the default [`CloudflareConfig`].
    ///
    /// # Errors
    /// Returns the errors of [`with_config`](Self::with_config).
    pub fn new(account_id: &str, namespace_id: &str, token: &str) -> Result<Self, SetupError> {
        Self::with_config(account_id, namespace_id, token, CloudflareConfig::new())
    }

    /// Creates a store on a namespace of an account. The API token needs the permission "Workers KV Storage: Edit".
    /// Sends nothing yet.
    ///
    /// # Errors
    /// Returns [`SetupError`] if an id, the token or the URL is invalid, or the HTTP client cannot be created.
    pub fn with_config(
        account_id: &str,
        namespace_id: &str,
        token: &str,
        config: CloudflareConfig,
    ) -> Result<Self, SetupError> {
        let is_plain =
            |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !is_plain(account_id) {
            return Err(SetupError::InvalidAccountId);
        }
        if !is_plain(namespace_id) {
            return Err(SetupError::InvalidNamespaceId);
        }
        let path = format!("/accounts/{account_id}/storage/kv/namespaces/{namespace_id}");
        let namespace = BaseUrl::parse(&config.url)?.child(&path);
        let headers = HeaderMap::from_iter([(AUTHORIZATION, bearer(token)?)]);
        let client = Client::new(config.http, USER_AGENT, headers)?.with_clock(config.clock);
        Ok(Self { client, namespace })
    }

    fn value_url(&self, key: &str) -> Result<Url, Error> {
        check(key)?;
        Ok(self.namespace.join(&format!("/values/{}", utf8_percent_encode(key, NOT_UNRESERVED))))
    }

    async fn read(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let Ok(url) = self.value_url(key) else {
            return Ok(None);
        };
        let request = Request::new(Method::GET, url).accept(StatusCode::NOT_FOUND);
        let response = self.client.send(request).await?;
        match response.status {
            StatusCode::NOT_FOUND => Ok(absent(&response).map(|()| None)?),
            _ => Ok(Some(response.body)),
        }
    }

    async fn read_many(&self, keys: &[&str]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        let accepted: Vec<_> = keys.iter().copied().filter(|key| check(key).is_ok()).collect();
        let mut found = HashMap::with_capacity(accepted.len());
        for keys in accepted.chunks(MAX_KEYS_READ_AT_ONCE) {
            let mut batches = Batches::new(keys);
            while let Some(keys) = batches.next() {
                match self.read_at_once(keys).await {
                    Ok(values) => found.extend(values),
                    Err(error) if is_too_large(&error) && batches.split(keys) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            values.push(match found.get(*key) {
                Some(value) => value.clone().map(String::into_bytes),
                // The response does not contain the key, which may exist nonetheless.
                None => self.read(key).await?,
            });
        }
        Ok(values)
    }

    async fn read_at_once(&self, keys: &[&str]) -> Result<HashMap<String, Option<String>>, HttpError> {
        let body = json!({ "keys": keys, "type": "text" }).to_string();
        let request = self.bulk(Method::POST, "/bulk/get", body).retry(Retry::Always);
        Ok(envelope::values(&self.client.send(request).await?)?.values)
    }

    async fn write(&self, key: &str, value: &[u8], expires: UnixMillis) -> Result<(), Error> {
        let mut url = self.value_url(key)?;
        if let Some((name, seconds)) = self.expiry(expires) {
            url.set_query(Some(&format!("{name}={seconds}")));
        }
        let request = Request::new(Method::PUT, url).header(CONTENT_TYPE, BYTES).body(value.to_vec());
        Ok(envelope::done(&self.client.send(request).await?)?)
    }

    async fn write_many(&self, entries: &[KvEntry]) -> Result<(), Error> {
        entries.iter().try_for_each(|entry| check(&entry.key))?;
        let pairs: Option<Vec<_>> = entries.iter().map(|entry| self.pair(entry)).collect();
        let Some(pairs) = pairs.filter(|pairs| pairs.len() > 1) else {
            for KvEntry { key, value, expires } in entries {
                self.write(key, value, *expires).await?;
            }
            return Ok(());
        };
        for pairs in pairs.chunks(MAX_KEYS_WRITTEN_AT_ONCE) {
            let request = self.bulk(Method::PUT, "/bulk", json!(pairs).to_string());
            envelope::all_done(&self.client.send(request).await?)?;
        }
        Ok(())
    }

    async fn remove(&self, key: &str) -> Result<(), Error> {
        let Ok(url) = self.value_url(key) else {
            return Ok(());
        };
        let request = Request::new(Method::DELETE, url).accept(StatusCode::NOT_FOUND);
        let response = self.client.send(request).await?;
        match response.status {
            StatusCode::NOT_FOUND => Ok(absent(&response)?),
            _ => Ok(envelope::done(&response)?),
        }
    }

    async fn remove_many(&self, keys: &[&str]) -> Result<(), Error> {
        if let [key] = keys {
            return self.remove(key).await;
        }
        let accepted: Vec<_> = keys.iter().copied().filter(|key| check(key).is_ok()).collect();
        for keys in accepted.chunks(MAX_KEYS_WRITTEN_AT_ONCE) {
            let request = self.bulk(Method::POST, "/bulk/delete", json!(keys).to_string()).retry(Retry::Always);
            envelope::all_done(&self.client.send(request).await?)?;
        }
        Ok(())
    }

    fn bulk(&self, method: Method, path: &str, body: String) -> Request {
        Request::new(method, self.namespace.join(path)).header(CONTENT_TYPE, JSON).body(body)
    }

    /// Returns an entry of a bulk write, or `None` if its value is not UTF-8.
    fn pair(&self, entry: &KvEntry) -> Option<Value> {
        let text = std::str::from_utf8(&entry.value).ok()?;
        let mut pair = json!({ "key": entry.key, "value": text });
        if let Some((name, seconds)) = self.expiry(entry.expires) {
            pair[name] = seconds.into();
        }
        Some(pair)
    }

    /// Returns the parameter of the API for an expiry, and its value in seconds; `None` for a key that does not expire.
    fn expiry(&self, expires: UnixMillis) -> Option<(&'static str, u64)> {
        match Expiry::new(expires, self.client.clock().now(), MIN_TTL) {
            Expiry::After(seconds) => Some(("expiration_ttl", seconds)),
            Expiry::At(seconds) => Some(("expiration", seconds)),
            Expiry::Never => None,
        }
    }

    async fn page(&self, prefix: &str, cursor: Option<&str>) -> Result<KvPage, HttpError> {
        if prefix.len() > MAX_KEY_BYTES {
            return Ok(KvPage::default());
        }
        let mut url = self.namespace.join("/keys");
        let mut query = format!("limit=1000&prefix={}", utf8_percent_encode(prefix, NOT_UNRESERVED));
        if let Some(cursor) = cursor {
            query.push_str("&cursor=");
            query.extend(utf8_percent_encode(cursor, NOT_UNRESERVED));
        }
        url.set_query(Some(&query));
        let response = self.client.send(Request::new(Method::GET, url)).await?;
        let (keys, cursor) = envelope::page(&response, prefix, cursor)?;
        Ok(KvPage { keys, cursor })
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

fn check(key: &str) -> Result<(), Error> {
    match key {
        "" | "." | ".." => Err(Error::UnsupportedKey { reason: "is empty, `.` or `..`" }),
        _ if key.len() > MAX_KEY_BYTES => Err(Error::UnsupportedKey { reason: "is longer than 512 bytes" }),
        _ => Ok(()),
    }
}

/// Returns `true` if a request for fewer values may succeed.
const fn is_too_large(error: &HttpError) -> bool {
    matches!(error, HttpError::TooLarge { .. } | HttpError::Status { status: 413, .. })
}

/// Checks that a 404 is that of the API for an unknown key, not for an unknown namespace or account, and not that of a
/// gateway.
fn absent(response: &Response) -> Result<(), HttpError> {
    match envelope::done(response) {
        Err(HttpError::Status { code: Some(KEY_NOT_FOUND), .. }) => Ok(()),
        _ => Err(response.error()),
    }
}

#[async_trait]
impl KvStore for CloudflareStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        Ok(self.read(key).await?)
    }

    /// Sends one request per hundred keys, and more if their values are too large for one response.
    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        Ok(self.read_many(keys).await?)
    }

    /// Writes a key, which expires after a minute at the earliest, because the API rejects shorter times.
    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        Ok(self.write(key, value, expires).await?)
    }

    /// Sends one request per ten thousand keys.
    async fn put_many(&self, entries: &[KvEntry]) -> AdapterResult<()> {
        Ok(self.write_many(entries).await?)
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        Ok(self.remove(key).await?)
    }

    /// Sends one request per ten thousand keys.
    async fn delete_many(&self, keys: &[&str]) -> AdapterResult<()> {
        Ok(self.remove_many(keys).await?)
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        Ok(self.page(prefix, cursor).await?)
    }

    fn writes_at_once(&self) -> usize {
        MAX_KEYS_WRITTEN_AT_ONCE
    }

    /// Returns the layout of Lucia's adapter for Cloudflare KV: `session` and `user_sessions`.
    #[expect(clippy::expect_used, reason = "a test calls it")]
    fn default_layout(&self) -> KvLayout {
        KvLayout::new("session", "user_sessions").expect("both prefixes are valid, and neither extends the other")
    }

    fn max_key_length(&self) -> usize {
        MAX_KEY_BYTES
    }
}

impl fmt::Debug for CloudflareStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudflareStore")
            .field("url", &self.namespace.as_str())
            .field("http", &self.client)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_would_change_the_path_are_rejected() {
        for id in ["", "a/b", "..", "a?b", "a b", "é"] {
            assert!(matches!(CloudflareStore::new(id, "n", "token"), Err(SetupError::InvalidAccountId)), "{id}");
            assert!(matches!(CloudflareStore::new("a", id, "token"), Err(SetupError::InvalidNamespaceId)), "{id}");
        }
    }

    #[test]
    fn no_debug_shows_the_token() {
        let shown = format!("{:?}", CloudflareStore::new("a1", "n1", "hunter2").unwrap());
        assert!(!shown.contains("hunter2") && shown.contains("n1"), "{shown}");
    }

    #[test]
    fn keys_are_those_of_lucia_js() {
        let layout = CloudflareStore::new("a1", "n1", "token").unwrap().default_layout();
        assert_eq!(layout.session_key(&"s1".into()), "session:s1");
        assert_eq!(layout.list_key(&"u1".into()), "user_sessions:u1");
    }
}

use std::{fmt, time::Duration};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lucia_core::{
    AdapterResult, UnixMillis, async_trait,
    kv::{KvEntry, KvPage, KvStore},
};
use reqwest::{
    Method, StatusCode, Url,
    header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde::{Deserialize, de::IgnoredAny};
use tokio::time::{sleep, timeout};

use super::{config::UnstorageConfig, key, listing, ttl::ttl};
use crate::{
    client::{self, Answer, Call, Client},
    error::{HttpError, SetupError},
};

/// A key-value store behind an unstorage server: one made by `createStorageServer` of the npm package `unstorage`, 1.9 to
/// 1.17, in front of any of its drivers.
///
/// Values are read byte for byte as they are stored, and stored byte for byte by servers from 1.10 on; 1.9 reformats them.
/// They must be JSON, and not empty.
///
/// A key that some release or driver rewrites, hides or cannot hold is always absent: reading it returns `None`, and writing
/// it is [`UnsupportedId`](lucia_core::AdapterErrorKind::UnsupportedId).
///
/// ```no_run
/// use adapter_kv_http::UnstorageStore;
/// use lucia_core::{UnixMillis, kv::KvStore};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let store = UnstorageStore::new("http://localhost:3000")?;
/// store.put("greeting", b"{}", UnixMillis::MAX).await?;
/// assert_eq!(store.get("greeting").await?.as_deref(), Some(&b"{}"[..]));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct UnstorageStore {
    client: Client,
    base: Url,
    expires_keys: bool,
}

const X_TTL: HeaderName = HeaderName::from_static("x-ttl");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Exactly this makes a server answer with what is stored, not with what JavaScript makes of it.
const RAW: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Milliseconds before a value is read again that is not whole: in all, longer than a busy server takes to write one.
const PAUSES: [u64; 7] = [10, 20, 40, 80, 160, 320, 640];
/// A 404 that is not the server's own is given so few of them: it is a gateway's, which stays.
const LAST_PAUSE_AFTER_404: u64 = 20;

impl UnstorageStore {
    /// Returns the store of the server at this URL, which is the root of its storage, with the default [`UnstorageConfig`].
    ///
    /// # Errors
    /// As [`with_config`](Self::with_config).
    pub fn new(url: &str) -> Result<Self, SetupError> {
        Self::with_config(url, UnstorageConfig::new())
    }

    /// Returns the store of the server at this URL, which is the root of its storage. Nothing is sent yet.
    ///
    /// # Errors
    /// [`SetupError`] if the URL or a header cannot be used, and if the HTTP client cannot be created.
    pub fn with_config(url: &str, config: UnstorageConfig) -> Result<Self, SetupError> {
        let (base, headers) = (client::base_url(url)?, config.headers()?);
        let client = Client::new(config.http, headers, config.clock)?;
        Ok(Self { client, base, expires_keys: config.expires_keys })
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let root = self.base.path().trim_end_matches('/');
        if root.is_empty() {
            url.set_path(path)
        } else {
            url.set_path(&format!("{root}{path}"))
        }
        url
    }

    async fn read(&self, key: &str) -> Result<Option<Vec<u8>>, HttpError> {
        let Ok(path) = key::path(key) else {
            return Ok(None);
        };
        timeout(self.client.timeout(), self.read_whole(self.url(&path))).await.unwrap_or(Err(HttpError::TimedOut))
    }

    async fn read_whole(&self, url: Url) -> Result<Option<Vec<u8>>, HttpError> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let call = Call::new(Method::GET, url.clone()).header(ACCEPT, RAW);
            let outcome = value(self.client.send(call).await?);
            let pause = match &outcome {
                Ok(value) if value.as_deref().is_none_or(is_whole) => None,
                Ok(_) => pauses.next(),
                // An item that goes between the server's two looks at it, for its value and for its age, is a 404 in the
                // words of the driver, and absent when it is asked for again.
                Err(_) => pauses.next().filter(|millis| *millis <= LAST_PAUSE_AFTER_404),
            };
            match pause {
                Some(millis) => sleep(Duration::from_millis(millis)).await,
                None => return outcome,
            }
        }
    }

    async fn write(&self, key: &str, value: &[u8], expires: UnixMillis) -> Result<(), HttpError> {
        let url = self.url(&key::path(key)?);
        if value.is_empty() {
            // Servers answer OK and store nothing.
            return Err(HttpError::EmptyValue);
        }
        let mut call = Call::new(Method::PUT, url).header(CONTENT_TYPE, JSON).body(value.to_vec());
        if let Some(ttl) = ttl(expires, self.client.clock()) {
            call = call.header(X_TTL, ttl);
        }
        done(self.client.send(call).await?)
    }

    async fn remove(&self, key: &str) -> Result<(), HttpError> {
        let Ok(path) = key::path(key) else {
            return Ok(());
        };
        done(self.client.send(Call::new(Method::DELETE, self.url(&path))).await?)
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>, HttpError> {
        let Ok(path) = key::base_path(prefix) else {
            return Ok(Vec::new());
        };
        let base = prefix.rfind(':').map_or("", |colon| &prefix[..=colon]);
        let call = Call::new(Method::GET, self.url(&path)).header(ACCEPT, JSON).listing();
        let answer = self.client.send(call).await?.require_success()?;
        listing::keys(&answer.body, base, prefix)
    }
}

/// Whether a value is more than the beginning of one. The file system driver empties a file before it writes it, and who reads
/// it meanwhile finds less than there was or will be.
fn is_whole(value: &[u8]) -> bool {
    match value.first() {
        None => false,
        Some(b'{' | b'[') => serde_json::from_slice::<IgnoredAny>(value).is_ok(),
        Some(_) => true,
    }
}

/// Returns the value in an item's answer. Releases before 1.10.2 answer with 204 or `null` where newer ones have 404.
fn value(answer: Answer) -> Result<Option<Vec<u8>>, HttpError> {
    match answer.status {
        StatusCode::NOT_FOUND if says_absent(&answer.body) => Ok(None),
        StatusCode::NOT_FOUND => Err(answer.error()),
        StatusCode::NO_CONTENT => Ok(None),
        _ if answer.body == b"null" => Ok(None),
        _ => Ok(Some(answer.body)),
    }
}

/// Whether the body of a 404 is the server's own. Gateways say 404 as well, in JSON too, and know nothing of sessions.
fn says_absent(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Missing {
        status_code: u16,
        status_message: String,
    }
    serde_json::from_slice::<Missing>(body)
        .is_ok_and(|missing| missing.status_code == 404 && missing.status_message == "KV value not found")
}

/// Checks that the server did it: something else that answers at this URL must not look as if it had.
fn done(answer: Answer) -> Result<(), HttpError> {
    let answer = answer.require_success()?;
    if answer.body == b"OK" { Ok(()) } else { Err(HttpError::Unexpected { expected: "OK" }) }
}

#[async_trait]
impl KvStore for UnstorageStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        Ok(self.read(key).await?)
    }

    /// Servers have no bulk reads: as many single ones at once as [`HttpConfig`](crate::HttpConfig) allow.
    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        let reads: Vec<_> = keys.iter().map(|key| self.read(key)).collect();
        Ok(at_once(&self.client, reads).await?)
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        Ok(self.write(key, value, expires).await?)
    }

    async fn put_many(&self, entries: &[KvEntry]) -> AdapterResult<()> {
        let writes: Vec<_> =
            entries.iter().map(|KvEntry { key, value, expires }| self.write(key, value, *expires)).collect();
        Ok(at_once(&self.client, writes).await.map(drop)?)
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        Ok(self.remove(key).await?)
    }

    async fn delete_many(&self, keys: &[&str]) -> AdapterResult<()> {
        let deletions: Vec<_> = keys.iter().map(|key| self.remove(key)).collect();
        Ok(at_once(&self.client, deletions).await.map(drop)?)
    }

    /// Servers list everything at once: there is no second page.
    async fn list(&self, prefix: &str, _cursor: Option<&str>) -> AdapterResult<KvPage> {
        let keys = self.keys(prefix).await?;
        Ok(KvPage { keys, cursor: None })
    }

    fn writes_at_once(&self) -> usize {
        self.client.max_concurrency()
    }

    fn expires_keys(&self) -> bool {
        self.expires_keys
    }
}

/// Returns the outcomes of requests, in their order, or the first failure.
async fn at_once<T>(
    client: &Client,
    requests: Vec<impl Future<Output = Result<T, HttpError>> + Send>,
) -> Result<Vec<T>, HttpError> {
    stream::iter(requests).buffered(client.max_concurrency()).try_collect().await
}

impl fmt::Debug for UnstorageStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnstorageStore")
            .field("url", &self.base.as_str())
            .field("http", self.client.config())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_added_to_the_base() {
        for (base, url) in [
            ("http://host", "http://host/session/s1"),
            ("http://host/", "http://host/session/s1"),
            ("http://host/kv", "http://host/kv/session/s1"),
            ("http://host/kv/", "http://host/kv/session/s1"),
        ] {
            assert_eq!(UnstorageStore::new(base).unwrap().url("/session/s1").as_str(), url);
        }
    }

    #[test]
    fn the_beginning_of_a_value_is_not_whole() {
        let json = r#"{"data":{"a":[1]},"id":"s1"}"#;
        assert!(is_whole(json.as_bytes()) && is_whole(b"1795201126069"));
        for end in 0..json.len() {
            assert!(!is_whole(&json.as_bytes()[..end]), "{end}");
        }
    }

    #[test]
    fn an_absent_item_is_told_in_the_words_of_the_server() {
        for body in [
            // As createStorageServer answers, and as Nitro does around it.
            "{\n  \"statusCode\": 404,\n  \"statusMessage\": \"KV value not found\",\n  \"stack\": []\n}",
            r#"{"error":true,"url":"http://h/a","statusCode":404,"statusMessage":"KV value not found","message":"KV value not found"}"#,
        ] {
            assert!(says_absent(body.as_bytes()), "{body}");
        }
        for body in [
            "",
            "{}",
            "null",
            r#""KV value not found""#,
            r#"{"message":"no Route matched with those values"}"#,
            r#"{"statusCode":404,"message":"Resource not found"}"#,
            r#"{"statusCode":404,"statusMessage":"Cannot find any path matching /session/s1."}"#,
            r#"{"statusCode":502,"statusMessage":"KV value not found"}"#,
        ] {
            assert!(!says_absent(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn no_debug_shows_a_header() {
        let config = UnstorageConfig::new().bearer_token("hunter2").header("x-key", "hunter2");
        let shown = format!("{config:?} {:?}", UnstorageStore::with_config("http://host", config.clone()).unwrap());
        assert!(!shown.contains("hunter2") && shown.contains("x-key"), "{shown}");
    }
}

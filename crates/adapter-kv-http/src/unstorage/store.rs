use std::{
    fmt,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lucia_core::{
    AdapterResult, UnixMillis, async_trait,
    kv::{KvEntry, KvPage, KvStore},
};
use lucia_http::{
    BaseUrl, Client, HttpError, Request, Response,
    reqwest::{
        Method, StatusCode, Url,
        header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue},
    },
};
use serde::{Deserialize, de::IgnoredAny};
use tokio::time::{sleep, timeout};

use super::{config::UnstorageConfig, key, listing, ttl::ttl};
use crate::{USER_AGENT, error::Error, setup_error::SetupError};

/// A key-value store behind an unstorage server: `createStorageServer` of the npm package `unstorage`, 1.9 to 1.17,
/// with any of its drivers.
///
/// Values must be JSON and not empty. They are read exactly as stored. Servers from 1.10 on store them unchanged; 1.9
/// reformats them.
///
/// A key that a release or driver rewrites, hides or cannot store never exists: reading it returns `None`, and writing
/// it fails with [`UnsupportedId`](lucia_core::AdapterErrorKind::UnsupportedId).
///
/// The first value that is written is read back. If the server did not store it, the source of the error is
/// [`ReadOnlyDriver`](crate::ReadOnlyDriver).
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
    pub(super) client: Client,
    base: BaseUrl,
    expires_keys: bool,
    max_listing_bytes: usize,
    /// Whether the server is known to store what is written to it.
    pub(super) stores: Arc<AtomicBool>,
}

const X_TTL: HeaderName = HeaderName::from_static("x-ttl");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Makes a server return the stored bytes instead of a value that JavaScript has parsed.
const RAW: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// The pauses before an incomplete value is read again, in milliseconds. In total, they are longer than a busy server
/// takes to write a value.
const PAUSES: [u64; 7] = [10, 20, 40, 80, 160, 320, 640];
/// The last pause after a 404 that is not the server's own. It is usually that of a gateway, so waiting longer would
/// not help.
const LAST_PAUSE_AFTER_404: u64 = 20;

impl UnstorageStore {
    /// Creates a store on the server at this URL, the root of its storage, with the default [`UnstorageConfig`].
    ///
    /// # Errors
    /// Returns the errors of [`with_config`](Self::with_config).
    pub fn new(url: &str) -> Result<Self, SetupError> {
        Self::with_config(url, UnstorageConfig::new())
    }

    /// Creates a store on the server at this URL, the root of its storage. Sends nothing yet.
    ///
    /// # Errors
    /// Returns [`SetupError`] if the URL or a header is invalid, or the HTTP client cannot be created.
    pub fn with_config(url: &str, config: UnstorageConfig) -> Result<Self, SetupError> {
        let (base, headers) = (BaseUrl::parse(url)?, config.headers()?);
        let client = Client::new(config.http, USER_AGENT, headers)?.with_clock(config.clock);
        let (expires_keys, max_listing_bytes) = (config.expires_keys, config.max_listing_bytes);
        Ok(Self { client, base, expires_keys, max_listing_bytes, stores: Arc::default() })
    }

    pub(super) async fn read(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let Ok(path) = key::path(key) else {
            return Ok(None);
        };
        let value = timeout(self.client.timeout(), self.read_complete(self.base.join(&path)));
        Ok(value.await.unwrap_or(Err(HttpError::TimedOut))?)
    }

    async fn read_complete(&self, url: Url) -> Result<Option<Vec<u8>>, HttpError> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let request = Request::new(Method::GET, url.clone()).header(ACCEPT, RAW).accept(StatusCode::NOT_FOUND);
            let outcome = value(self.client.send(request).await?);
            let pause = match &outcome {
                Ok(value) if value.as_deref().is_none_or(is_complete) => None,
                Ok(_) => pauses.next(),
                // The server reads the value of an item and then its age. If the item is deleted in between, the
                // response is a 404 with the message of the driver, and the next one that of the server.
                Err(_) => pauses.next().filter(|millis| *millis <= LAST_PAUSE_AFTER_404),
            };
            match pause {
                Some(millis) => sleep(Duration::from_millis(millis)).await,
                None => return outcome,
            }
        }
    }

    async fn write(&self, key: &str, value: &[u8], expires: UnixMillis) -> Result<(), Error> {
        self.send_value(key, value, expires).await?;
        self.check_stored(key, value).await
    }

    pub(super) async fn send_value(&self, key: &str, value: &[u8], expires: UnixMillis) -> Result<(), Error> {
        let url = self.base.join(&key::path(key)?);
        if value.is_empty() {
            // Servers would respond with OK and store nothing.
            return Err(Error::EmptyValue);
        }
        let mut request = Request::new(Method::PUT, url).header(CONTENT_TYPE, JSON).body(value.to_vec());
        if let Some(ttl) = ttl(expires, self.client.clock()) {
            request = request.header(X_TTL, ttl);
        }
        Ok(done(&self.client.send(request).await?)?)
    }

    pub(super) async fn remove(&self, key: &str) -> Result<(), Error> {
        let Ok(path) = key::path(key) else {
            return Ok(());
        };
        Ok(done(&self.client.send(Request::new(Method::DELETE, self.base.join(&path))).await?)?)
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>, HttpError> {
        let Ok(path) = key::base_path(prefix) else {
            return Ok(Vec::new());
        };
        let base = prefix.rfind(':').map_or("", |colon| &prefix[..=colon]);
        let request = Request::new(Method::GET, self.base.join(&path))
            .header(ACCEPT, JSON)
            .max_response_bytes(self.max_listing_bytes, "UnstorageConfig::max_listing_bytes");
        listing::keys(&self.client.send(request).await?.body, base, prefix)
    }
}

/// Returns `true` if a value is complete. The file system driver truncates a file before it writes it, so a read in
/// between returns an incomplete value.
fn is_complete(value: &[u8]) -> bool {
    match value.first() {
        None => false,
        Some(b'{' | b'[') => serde_json::from_slice::<IgnoredAny>(value).is_ok(),
        Some(_) => true,
    }
}

/// Returns the value in the response to reading an item. If there is none, releases before 1.10.2 respond with 204 or
/// `null`, newer ones with 404.
fn value(response: Response) -> Result<Option<Vec<u8>>, HttpError> {
    match response.status {
        StatusCode::NOT_FOUND if says_absent(&response.body) => Ok(None),
        StatusCode::NOT_FOUND => Err(response.error()),
        StatusCode::NO_CONTENT => Ok(None),
        _ if response.body == b"null" => Ok(None),
        _ => Ok(Some(response.body)),
    }
}

/// Returns `true` if the body of a 404 is that of the server. A gateway may respond with 404 and JSON too, which does
/// not mean that the session does not exist.
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

/// Checks that the server reports success, because something else may respond at the URL.
fn done(response: &Response) -> Result<(), HttpError> {
    if response.body == b"OK" { Ok(()) } else { Err(HttpError::unexpected("OK")) }
}

#[async_trait]
impl KvStore for UnstorageStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        Ok(self.read(key).await?)
    }

    /// Sends one request per key, as many concurrently as [`HttpConfig`](crate::HttpConfig) allows, because servers
    /// have no bulk reads.
    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        let reads: Vec<_> = keys.iter().map(|key| self.read(key)).collect();
        Ok(concurrently(&self.client, reads).await?)
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        Ok(self.write(key, value, expires).await?)
    }

    async fn put_many(&self, entries: &[KvEntry]) -> AdapterResult<()> {
        let writes: Vec<_> =
            entries.iter().map(|KvEntry { key, value, expires }| self.write(key, value, *expires)).collect();
        Ok(concurrently(&self.client, writes).await.map(drop)?)
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        Ok(self.remove(key).await?)
    }

    async fn delete_many(&self, keys: &[&str]) -> AdapterResult<()> {
        let deletions: Vec<_> = keys.iter().map(|key| self.remove(key)).collect();
        Ok(concurrently(&self.client, deletions).await.map(drop)?)
    }

    /// Returns all keys in one page, because servers do not paginate.
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

/// Sends requests concurrently. Returns their results in order, or the first error.
async fn concurrently<T>(
    client: &Client,
    requests: Vec<impl Future<Output = Result<T, Error>> + Send>,
) -> Result<Vec<T>, Error> {
    stream::iter(requests).buffered(client.max_concurrency()).try_collect().await
}

impl fmt::Debug for UnstorageStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnstorageStore")
            .field("url", &self.base.as_str())
            .field("http", &self.client)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_value_is_incomplete() {
        let json = r#"{"data":{"a":[1]},"id":"s1"}"#;
        assert!(is_complete(json.as_bytes()) && is_complete(b"1795201126069"));
        for end in 0..json.len() {
            assert!(!is_complete(&json.as_bytes()[..end]), "{end}");
        }
    }

    #[test]
    fn an_item_is_absent_only_if_the_server_reports_it() {
        for body in [
            // The responses of createStorageServer, and of Nitro around it.
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

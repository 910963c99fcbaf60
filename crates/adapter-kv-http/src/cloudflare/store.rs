use std::{collections::HashMap, fmt};

use lucia_core::{
    AdapterResult, UnixMillis, async_trait,
    kv::{KvEntry, KvPage, KvStore},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{
    Method, StatusCode, Url,
    header::{CONTENT_TYPE, HeaderValue},
};
use serde_json::{Value, json};

use super::{envelope, expiry::expiry};
use crate::{
    HttpError,
    client::{Answer, Call, Client, Repeat},
};

/// A Workers KV namespace, through the REST API.
///
/// Reads and listings are eventually consistent: Cloudflare speaks of up to 60 seconds and more.
///
/// A key of more than 512 bytes is never there: reading it gives nothing, and writing it is
/// [`UnsupportedId`](lucia_core::AdapterErrorKind::UnsupportedId).
///
/// ```no_run
/// use adapter_kv_http::CloudflareConfig;
/// use lucia_core::{UnixMillis, kv::KvStore};
///
/// # async fn example(account: &str, namespace: &str, token: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let store = CloudflareConfig::new(account, namespace, token).store()?;
/// store.put("greeting", b"hello", UnixMillis::MAX).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct CloudflareStore {
    client: Client,
    /// Of the namespace.
    url: Url,
}

const MAX_KEY_BYTES: usize = 512;
const MAX_KEYS_READ_AT_ONCE: usize = 100;
const MAX_KEYS_WRITTEN_AT_ONCE: usize = 10_000;
/// The API's number for a key that is absent. Namespaces that are have another one, with the same status.
const KEY_NOT_FOUND: u64 = 10009;

/// What has to be encoded for a key to be one segment of a path, or one value of a query.
const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl CloudflareStore {
    pub(super) fn from_parts(client: Client, url: Url) -> Self {
        Self { client, url }
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path()));
        url
    }

    fn value_url(&self, key: &str) -> Result<Url, HttpError> {
        check(key)?;
        Ok(self.url(&format!("/values/{}", utf8_percent_encode(key, NOT_UNRESERVED))))
    }

    async fn read(&self, key: &str) -> Result<Option<Vec<u8>>, HttpError> {
        let Ok(url) = self.value_url(key) else {
            return Ok(None);
        };
        let answer = self.client.send(Call::new(Method::GET, url)).await?;
        match answer.status {
            StatusCode::NOT_FOUND => absent(&answer).map(|()| None),
            _ => Ok(Some(answer.body)),
        }
    }

    async fn read_many(&self, keys: &[&str]) -> Result<Vec<Option<Vec<u8>>>, HttpError> {
        let held: Vec<_> = keys.iter().copied().filter(|key| check(key).is_ok()).collect();
        let mut found = HashMap::with_capacity(held.len());
        let mut waiting: Vec<&[&str]> = held.chunks(MAX_KEYS_READ_AT_ONCE).collect();
        while let Some(keys) = waiting.pop() {
            match self.read_at_once(keys).await {
                Ok(values) => found.extend(values),
                Err(error) if keys.len() > 1 && is_too_much(&error) => {
                    let (first, second) = keys.split_at(keys.len() / 2);
                    waiting.extend([first, second]);
                }
                Err(error) => return Err(error),
            }
        }
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            values.push(match found.get(*key) {
                Some(value) => value.clone().map(String::into_bytes),
                // Nothing was said about it, so it is not absent yet.
                None => self.read(key).await?,
            });
        }
        Ok(values)
    }

    async fn read_at_once(&self, keys: &[&str]) -> Result<HashMap<String, Option<String>>, HttpError> {
        let body = json!({ "keys": keys, "type": "text" }).to_string();
        let call = self.bulk(Method::POST, "/bulk/get", body).repeat(Repeat::Always);
        Ok(envelope::values(&self.client.send(call).await?.require_success()?)?.values)
    }

    async fn write(&self, key: &str, value: &[u8], expires: UnixMillis) -> Result<(), HttpError> {
        let mut url = self.value_url(key)?;
        if let Some((name, seconds)) = expiry(expires, self.client.clock()) {
            url.set_query(Some(&format!("{name}={seconds}")));
        }
        let call = Call::new(Method::PUT, url).header(CONTENT_TYPE, BYTES).body(value.to_vec());
        envelope::done(&self.client.send(call).await?.require_success()?)
    }

    async fn write_many(&self, entries: &[KvEntry]) -> Result<(), HttpError> {
        entries.iter().try_for_each(|entry| check(&entry.key))?;
        let pairs: Option<Vec<_>> = entries.iter().map(|entry| self.pair(entry)).collect();
        let Some(pairs) = pairs.filter(|pairs| pairs.len() > 1) else {
            for KvEntry { key, value, expires } in entries {
                self.write(key, value, *expires).await?;
            }
            return Ok(());
        };
        for pairs in pairs.chunks(MAX_KEYS_WRITTEN_AT_ONCE) {
            let call = self.bulk(Method::PUT, "/bulk", json!(pairs).to_string());
            envelope::all_done(&self.client.send(call).await?.require_success()?)?;
        }
        Ok(())
    }

    async fn remove(&self, key: &str) -> Result<(), HttpError> {
        let Ok(url) = self.value_url(key) else {
            return Ok(());
        };
        let answer = self.client.send(Call::new(Method::DELETE, url)).await?;
        match answer.status {
            StatusCode::NOT_FOUND => absent(&answer),
            _ => envelope::done(&answer),
        }
    }

    async fn remove_many(&self, keys: &[&str]) -> Result<(), HttpError> {
        if let [key] = keys {
            return self.remove(key).await;
        }
        let held: Vec<_> = keys.iter().copied().filter(|key| check(key).is_ok()).collect();
        for keys in held.chunks(MAX_KEYS_WRITTEN_AT_ONCE) {
            let call = self.bulk(Method::POST, "/bulk/delete", json!(keys).to_string()).repeat(Repeat::Always);
            envelope::all_done(&self.client.send(call).await?.require_success()?)?;
        }
        Ok(())
    }

    fn bulk(&self, method: Method, path: &str, body: String) -> Call {
        Call::new(method, self.url(path)).header(CONTENT_TYPE, JSON).body(body)
    }

    /// An entry as bulk writes have it; `None` if it is no text.
    fn pair(&self, entry: &KvEntry) -> Option<Value> {
        let text = std::str::from_utf8(&entry.value).ok()?;
        let mut pair = json!({ "key": entry.key, "value": text });
        if let Some((name, seconds)) = expiry(entry.expires, self.client.clock()) {
            pair[name] = seconds.into();
        }
        Some(pair)
    }

    async fn page(&self, prefix: &str, cursor: Option<&str>) -> Result<KvPage, HttpError> {
        if prefix.len() > MAX_KEY_BYTES {
            return Ok(KvPage::default());
        }
        let mut url = self.url("/keys");
        let mut query = format!("limit=1000&prefix={}", utf8_percent_encode(prefix, NOT_UNRESERVED));
        if let Some(cursor) = cursor {
            query.push_str("&cursor=");
            query.extend(utf8_percent_encode(cursor, NOT_UNRESERVED));
        }
        url.set_query(Some(&query));
        let answer = self.client.send(Call::new(Method::GET, url)).await?.require_success()?;
        let (keys, cursor) = envelope::page(&answer, prefix, cursor)?;
        Ok(KvPage { keys, cursor })
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

fn check(key: &str) -> Result<(), HttpError> {
    match key {
        "" | "." | ".." => Err(HttpError::Key { reason: "is empty, `.` or `..`" }),
        _ if key.len() > MAX_KEY_BYTES => Err(HttpError::Key { reason: "is longer than 512 bytes" }),
        _ => Ok(()),
    }
}

/// Whether fewer values may fit where these did not.
const fn is_too_much(error: &HttpError) -> bool {
    matches!(error, HttpError::TooLarge { .. } | HttpError::Status { status: 413, .. })
}

/// That 404 is the API's, and about the key: not about the namespace or the account, and not a gateway's.
fn absent(answer: &Answer) -> Result<(), HttpError> {
    match envelope::done(answer) {
        Err(HttpError::Status { code: Some(KEY_NOT_FOUND), .. }) => Ok(()),
        _ => Err(answer.error()),
    }
}

#[async_trait]
impl KvStore for CloudflareStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        self.read(key).await.map_err(|error| error.during("get"))
    }

    /// One request for each hundred keys, and more where their values are too large for one answer.
    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        self.read_many(keys).await.map_err(|error| error.during("get_many"))
    }

    /// The key lives for a minute at least: Cloudflare refuses less.
    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.write(key, value, expires).await.map_err(|error| error.during("put"))
    }

    /// One request for each ten thousand keys.
    async fn put_many(&self, entries: &[KvEntry]) -> AdapterResult<()> {
        self.write_many(entries).await.map_err(|error| error.during("put_many"))
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.remove(key).await.map_err(|error| error.during("delete"))
    }

    /// One request for each ten thousand keys.
    async fn delete_many(&self, keys: &[&str]) -> AdapterResult<()> {
        self.remove_many(keys).await.map_err(|error| error.during("delete_many"))
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        self.page(prefix, cursor).await.map_err(|error| error.during("list"))
    }

    fn writes_at_once(&self) -> usize {
        MAX_KEYS_WRITTEN_AT_ONCE
    }

    fn max_key_length(&self) -> usize {
        MAX_KEY_BYTES
    }
}

impl fmt::Debug for CloudflareStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudflareStore")
            .field("url", &self.url.as_str())
            .field("http", self.client.options())
            .finish_non_exhaustive()
    }
}

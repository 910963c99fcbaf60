//! The part of the REST API of Workers KV that the store uses, written from the vendor's published description of the API
//! (`cloudflare/api-schemas`, tag "Workers KV Namespace") and from published responses of the API.
//!
//! - Every path needs `Authorization: Bearer`, or is 403 with error 10000.
//! - Another account is 404 with error 7003, another namespace 404 with error 10013, an absent key 404 with error 10009.
//! - A key has at most 512 bytes and is not empty, `.` or `..`; one that is too long is 414 with error 10021.
//! - A time to live, or a time to expire, less than 60 seconds ahead is 400 with error 10033.
//! - A bulk read takes 100 keys, a bulk write or deletion 10,000; more is 400 with error 10044.
//! - Listings are in the order of UTF-8, with at most 1,000 keys per page and an opaque cursor, which is empty on the last
//!   page. Expired keys are not listed.
//! - Deleting an absent key is a success.
//! - There is only one location, so writes are visible at once. The vendor documents that other locations may take a minute.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post, put},
};
use lucia_core::{Clock, SystemClock, UnixMillis};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

pub const ACCOUNT: &str = "023e105f4ecef8ad9ca31a8372d0c353";
pub const NAMESPACE: &str = "0f2ac74b498b48028cb68387c421e279";
pub const TOKEN: &str = "a-token-of-tests";

#[derive(Clone, Debug)]
pub struct Stored {
    pub value: Vec<u8>,
    /// Seconds since 1970.
    pub expiration: Option<u64>,
}

#[derive(Default)]
pub struct Namespace {
    pub keys: Mutex<BTreeMap<String, Stored>>,
    /// The maximum number of keys in a page.
    pub page_size: AtomicUsize,
}

pub struct Cloudflare {
    pub url: String,
    pub namespace: Arc<Namespace>,
    task: JoinHandle<()>,
}

impl Cloudflare {
    pub async fn start() -> Self {
        let namespace = Arc::new(Namespace::default());
        namespace.page_size.store(1_000, SeqCst);
        let root = "/client/v4/accounts/{account}/storage/kv/namespaces/{namespace}";
        let router = Router::new()
            .route(&format!("{root}/values/{{key}}"), get(read).put(write).delete(remove))
            .route(&format!("{root}/keys"), get(list))
            .route(&format!("{root}/bulk/get"), post(read_many))
            .route(&format!("{root}/bulk"), put(write_many))
            .route(&format!("{root}/bulk/delete"), post(remove_many))
            .fallback(async || refuse(404, 7003, "Could not route"))
            .layer(DefaultBodyLimit::max(100 * 1024 * 1024))
            .route_layer(middleware::from_fn(authorize))
            .with_state(Arc::clone(&namespace));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/client/v4", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, namespace, task }
    }
}

impl Drop for Cloudflare {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Namespace {
    pub fn get(&self, key: &str) -> Option<Stored> {
        let now = now();
        self.keys.lock().unwrap().get(key).filter(|stored| stored.is_alive(now)).cloned()
    }

    pub fn expiry(&self, key: &str) -> Option<UnixMillis> {
        let seconds = self.get(key)?.expiration?;
        Some(UnixMillis::new(i64::try_from(seconds).unwrap() * 1_000))
    }

    pub fn put(&self, key: &str, value: &[u8], expiration: Option<u64>) {
        self.keys.lock().unwrap().insert(key.to_owned(), Stored { value: value.to_owned(), expiration });
    }
}

impl Stored {
    fn is_alive(&self, now: u64) -> bool {
        self.expiration.is_none_or(|expiration| expiration > now)
    }
}

fn now() -> u64 {
    SystemClock.now().get().unsigned_abs() / 1_000
}

type Ids = BTreeMap<String, String>;
type Outcome = Result<Response, Response>;

async fn authorize(Path(ids): Path<Ids>, headers: HeaderMap, request: Request, next: Next) -> Response {
    if headers.get(AUTHORIZATION).is_none_or(|value| value != &format!("Bearer {TOKEN}")) {
        return refuse(403, 10000, "Authentication error");
    }
    if ids["account"] != ACCOUNT {
        return refuse(404, 7003, "Could not route to the account, perhaps your object identifier is invalid?");
    }
    if ids["namespace"] != NAMESPACE {
        return refuse(404, 10013, "namespace not found");
    }
    next.run(request).await
}

fn refuse(status: u16, code: u64, message: &str) -> Response {
    let errors = json!([{ "code": code, "message": message }]);
    let body = json!({ "result": null, "success": false, "errors": errors, "messages": [] });
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

fn success(result: &Value) -> Response {
    Json(json!({ "result": result, "success": true, "errors": [], "messages": [] })).into_response()
}

#[expect(clippy::result_large_err, reason = "an error is a response too")]
fn check(key: &str) -> Result<(), Response> {
    match key {
        "" | "." | ".." => Err(refuse(400, 10010, "key name cannot be empty, '.' or '..'")),
        _ if key.len() > 512 => Err(refuse(414, 10021, "UTF-8 encoded length exceeds key length limit of 512.")),
        _ => Ok(()),
    }
}

#[derive(Deserialize)]
struct Expiry {
    expiration: Option<u64>,
    expiration_ttl: Option<u64>,
}

impl Expiry {
    #[expect(clippy::result_large_err, reason = "an error is a response too")]
    fn resolve(&self) -> Result<Option<u64>, Response> {
        let now = now();
        let expiration = self.expiration_ttl.map(|ttl| now + ttl).or(self.expiration);
        match expiration {
            Some(at) if at < now + 60 => {
                Err(refuse(400, 10033, "Expiration must be at least 60 seconds in the future."))
            }
            _ => Ok(expiration),
        }
    }
}

async fn read(State(namespace): State<Arc<Namespace>>, Path(ids): Path<Ids>) -> Outcome {
    check(&ids["key"])?;
    let stored = namespace.get(&ids["key"]).ok_or_else(|| refuse(404, 10009, "get: 'key not found'"))?;
    Ok(stored.value.into_response())
}

async fn write(
    State(namespace): State<Arc<Namespace>>,
    Path(ids): Path<Ids>,
    Query(expiry): Query<Expiry>,
    body: Bytes,
) -> Outcome {
    check(&ids["key"])?;
    namespace.put(&ids["key"], &body, expiry.resolve()?);
    Ok(success(&Value::Null))
}

async fn remove(State(namespace): State<Arc<Namespace>>, Path(ids): Path<Ids>) -> Outcome {
    check(&ids["key"])?;
    namespace.keys.lock().unwrap().remove(&ids["key"]);
    Ok(success(&Value::Null))
}

#[derive(Deserialize)]
struct Page {
    prefix: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

async fn list(State(namespace): State<Arc<Namespace>>, Query(page): Query<Page>) -> Outcome {
    let limit = page.limit.unwrap_or(1_000);
    if !(10..=1_000).contains(&limit) {
        return Err(refuse(400, 10011, "limit must be between 10 and 1000"));
    }
    let limit = limit.min(namespace.page_size.load(SeqCst));
    let prefix = page.prefix.unwrap_or_default();
    // The cursor is the last key of the previous page, in hexadecimal so that it is opaque.
    let after = match page.cursor.as_deref().map(unhex) {
        None => None,
        Some(Some(key)) => Some(key),
        Some(None) => return Err(refuse(400, 10027, "invalid cursor")),
    };
    let now = now();
    let keys = namespace.keys.lock().unwrap();
    let mut found = keys.iter().filter(|(key, stored)| {
        key.starts_with(&prefix) && stored.is_alive(now) && after.as_ref().is_none_or(|after| *key > after)
    });
    let mut listed = Vec::new();
    for (key, stored) in found.by_ref().take(limit) {
        let mut entry = json!({ "name": key });
        if let Some(expiration) = stored.expiration {
            entry["expiration"] = expiration.into();
        }
        listed.push(entry);
    }
    let cursor = match (found.next(), listed.last()) {
        (Some(_), Some(last)) => hex(last["name"].as_str().unwrap()),
        _ => String::new(),
    };
    let info = json!({ "count": listed.len(), "cursor": cursor });
    let body = json!({ "result": listed, "success": true, "errors": [], "messages": [], "result_info": info });
    Ok(Json(body).into_response())
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<String>,
}

async fn read_many(State(namespace): State<Arc<Namespace>>, Json(Keys { keys }): Json<Keys>) -> Outcome {
    if keys.len() > 100 {
        return Err(refuse(400, 10044, "maximum of 100 keys"));
    }
    let mut values = serde_json::Map::new();
    for key in keys {
        check(&key)?;
        let value = namespace.get(&key).map(|stored| String::from_utf8(stored.value).unwrap());
        values.insert(key, value.into());
    }
    Ok(success(&json!({ "values": values })))
}

#[derive(Deserialize)]
struct Pair {
    key: String,
    value: String,
    #[serde(flatten)]
    expiry: Expiry,
}

async fn write_many(State(namespace): State<Arc<Namespace>>, Json(pairs): Json<Vec<Pair>>) -> Outcome {
    if pairs.len() > 10_000 {
        return Err(refuse(400, 10044, "maximum of 10000 pairs"));
    }
    for pair in &pairs {
        check(&pair.key)?;
        pair.expiry.resolve()?;
    }
    for pair in &pairs {
        namespace.put(&pair.key, pair.value.as_bytes(), pair.expiry.resolve()?);
    }
    Ok(success(&json!({ "successful_key_count": pairs.len(), "unsuccessful_keys": [] })))
}

async fn remove_many(State(namespace): State<Arc<Namespace>>, Json(keys): Json<Vec<String>>) -> Outcome {
    if keys.len() > 10_000 {
        return Err(refuse(400, 10044, "maximum of 10000 keys"));
    }
    for key in &keys {
        check(key)?;
    }
    let mut stored = namespace.keys.lock().unwrap();
    keys.iter().for_each(|key| drop(stored.remove(key)));
    Ok(success(&json!({ "successful_key_count": keys.len(), "unsuccessful_keys": [] })))
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(cursor: &str) -> Option<String> {
    let digits = cursor.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    String::from_utf8(digits.collect::<Option<_>>()?).ok()
}

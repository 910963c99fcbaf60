//! A proxy between a store and its server that counts requests and injects faults.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use adapter_kv_http::reqwest;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use tokio::{net::TcpListener, task::JoinHandle, time::sleep};

/// The treatment of a request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The request is not forwarded, and this is the response.
    Refuse(u16),
    /// The request is not forwarded, and the response has this status and `Retry-After`.
    RetryAfter(u16, u64),
    /// The request is forwarded, but this is the response.
    DoAndRefuse(u16),
    /// The request is forwarded after a delay.
    Delay(Duration),
    /// The request is forwarded, but there is no response.
    DoAndHang,
    /// The request is not forwarded, and there is no response.
    Hang,
}

/// A recorded request: its method, its path with the query, and its headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub headers: HeaderMap,
}

impl Seen {
    pub fn is_write(&self) -> bool {
        matches!(self.method.as_str(), "PUT" | "DELETE" | "POST") && !self.path.ends_with("/bulk/get")
    }
}

type Script = Box<dyn FnMut(&Seen) -> Option<Fault> + Send>;

struct Shared {
    upstream: String,
    client: reqwest::Client,
    seen: Mutex<Vec<Seen>>,
    script: Mutex<Script>,
    /// The locks of keys, if writes of one key are serialized.
    turns: Option<Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>>,
}

pub struct Proxy {
    pub url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub async fn start(upstream: &str) -> Self {
        Self::start_with(upstream, None).await
    }

    /// Starts a proxy that forwards a write of a key only after the response to the previous one.
    pub async fn start_with_turns(upstream: &str) -> Self {
        Self::start_with(upstream, Some(Mutex::default())).await
    }

    async fn start_with(upstream: &str, turns: Option<Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>>) -> Self {
        let shared = Arc::new(Shared {
            upstream: upstream.to_owned(),
            client: super::http_client(),
            seen: Mutex::default(),
            script: Mutex::new(Box::new(|_| None)),
            turns,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(pass).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, task }
    }

    /// Sets the faults of later requests.
    pub fn script(&self, script: impl FnMut(&Seen) -> Option<Fault> + Send + 'static) {
        *self.shared.script.lock().unwrap() = Box::new(script);
    }

    /// Makes the `nth` later write fail, counted from 1.
    pub fn nth_write(&self, nth: usize, fault: Fault) {
        let mut writes = 0;
        self.script(move |seen| {
            writes += usize::from(seen.is_write());
            (seen.is_write() && writes == nth).then(|| fault.clone())
        });
    }

    pub fn no_faults(&self) {
        self.script(|_| None);
    }

    /// Returns the requests since the last call.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.shared.seen.lock().unwrap())
    }

    /// Returns the number of requests since the last call.
    pub fn count(&self) -> usize {
        self.take().len()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let seen = Seen { method: parts.method.to_string(), path, headers: parts.headers.clone() };
    shared.seen.lock().unwrap().push(seen.clone());
    let fault = (shared.script.lock().unwrap())(&seen);
    match &fault {
        Some(Fault::Refuse(status)) => return refused(*status),
        Some(Fault::RetryAfter(status, seconds)) => {
            let mut response = refused(*status);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
            return response;
        }
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Delay(pause)) => sleep(*pause).await,
        Some(Fault::DoAndRefuse(_) | Fault::DoAndHang) | None => {}
    }
    let turn = shared.turns.as_ref().filter(|_| seen.is_write());
    let turn = turn.map(|turns| Arc::clone(turns.lock().unwrap().entry(seen.path.clone()).or_default()));
    let _turn = match turn {
        Some(turn) => Some(turn.lock_owned().await),
        None => None,
    };
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let mut headers = parts.headers;
    headers.remove(header::HOST);
    let forwarded = shared
        .client
        .request(parts.method, format!("{}{}", shared.upstream, seen.path))
        .headers(headers)
        .body(body)
        .send()
        .await;
    let Ok(answer) = forwarded else {
        return refused(502);
    };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let Ok(body) = answer.bytes().await else {
        return refused(502);
    };
    match fault {
        Some(Fault::DoAndRefuse(status)) => return refused(status),
        Some(Fault::DoAndHang) => std::future::pending().await,
        _ => {}
    }
    let mut response = (status, Body::from(body)).into_response();
    for (name, value) in &headers {
        if name != header::TRANSFER_ENCODING && name != header::CONNECTION {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

fn refused(status: u16) -> Response {
    (StatusCode::from_u16(status).unwrap(), "an error of the proxy").into_response()
}

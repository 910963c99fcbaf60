//! A proxy between a store and its server that records requests and injects faults.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use tokio::{
    net::TcpListener,
    sync::{Barrier, Notify},
    task::JoinHandle,
};

/// The treatment of a request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The request is not forwarded, and this is the response.
    Refuse(u16, &'static str),
    /// The request is forwarded, but this is the response.
    DoAndRefuse(u16),
    /// The request is forwarded after a signal, even if the client is no longer waiting.
    Hold(Arc<Held>),
    /// The request is not forwarded, and there is no response.
    Hang,
}

/// The signals of a request that is held.
#[derive(Debug, Default)]
pub struct Held {
    pub release: Notify,
    /// The service has responded.
    pub done: Notify,
}

/// A recorded request: its method, and its path with the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub method: Method,
    pub path: String,
}

impl Seen {
    pub fn is_write(&self) -> bool {
        self.method != Method::GET && self.method != Method::HEAD
    }

    /// Returns whether it is a write of this session.
    pub fn puts(&self, session_id: &str) -> bool {
        self.method == Method::PUT && self.path.ends_with(&format!("/session/{session_id}"))
    }
}

/// The headers of conditions.
pub const CONDITIONS: &[&str] = &["if-none-match", "if-match"];

type Script = Box<dyn FnMut(&Seen) -> Option<Fault> + Send>;

struct Shared {
    upstream: String,
    client: reqwest::Client,
    seen: Mutex<Vec<Seen>>,
    script: Mutex<Script>,
    /// The headers of requests that are not forwarded.
    removed: &'static [&'static str],
    race: Option<Race>,
}

/// Conditional writes that are compared here, and then forwarded without their condition.
struct Race {
    /// The number of writes that are still forwarded one after another.
    alone: AtomicUsize,
    /// All have been compared when the first of them is forwarded.
    compared: Barrier,
}

pub struct Proxy {
    pub port: u16,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub async fn start(upstream: u16) -> Self {
        Self::start_without(upstream, &[]).await
    }

    /// Starts a proxy that forwards requests without these headers.
    pub async fn start_without(upstream: u16, removed: &'static [&'static str]) -> Self {
        Self::start_with(upstream, removed, None).await
    }

    /// Starts a proxy that compares and writes in two steps. The first conditional writes are made alone; of the next,
    /// that many are compared before one is written.
    pub async fn start_without_atomicity(upstream: u16, alone: usize, together: usize) -> Self {
        let race = Race { alone: AtomicUsize::new(alone), compared: Barrier::new(together) };
        Self::start_with(upstream, CONDITIONS, Some(race)).await
    }

    async fn start_with(upstream: u16, removed: &'static [&'static str], race: Option<Race>) -> Self {
        let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
        let shared = Arc::new(Shared {
            upstream: format!("http://127.0.0.1:{upstream}"),
            client,
            seen: Mutex::default(),
            script: Mutex::new(Box::new(|_| None)),
            removed,
            race,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(pass).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, shared, task }
    }

    /// Sets the faults of later requests.
    pub fn script(&self, script: impl FnMut(&Seen) -> Option<Fault> + Send + 'static) {
        *self.shared.script.lock().unwrap() = Box::new(script);
    }

    /// Sets the fault of the `nth` later write, counted from 1.
    pub fn nth_write(&self, nth: usize, fault: Fault) {
        let mut writes = 0;
        self.script(move |seen| {
            writes += usize::from(seen.is_write());
            (seen.is_write() && writes == nth).then(|| fault.clone())
        });
    }

    /// Returns the requests since the last call.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.shared.seen.lock().unwrap())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let seen = Seen { method: request.method().clone(), path };
    shared.seen.lock().unwrap().push(seen.clone());
    let fault = (shared.script.lock().unwrap())(&seen);
    match fault {
        Some(Fault::Refuse(status, body)) => refused(status, body),
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Hold(held)) => {
            // The request is complete before the client gives up.
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, usize::MAX).await.unwrap();
            let forwarding = tokio::spawn(async move {
                held.release.notified().await;
                let response = forward(&shared, seen, parts.headers, body.into()).await;
                held.done.notify_one();
                response
            });
            forwarding.await.unwrap()
        }
        Some(Fault::DoAndRefuse(status)) => {
            let (parts, body) = request.into_parts();
            forward(&shared, seen, parts.headers, body).await;
            refused(status, "")
        }
        None => {
            let (parts, body) = request.into_parts();
            if !holds(&shared, &seen, &parts.headers).await {
                return refused(412, "<Error><Code>PreconditionFailed</Code></Error>");
            }
            forward(&shared, seen, parts.headers, body).await
        }
    }
}

/// Compares a write with what the service has, if the proxy does so instead of the service.
async fn holds(shared: &Shared, seen: &Seen, headers: &HeaderMap) -> bool {
    let (Some(race), Some(name)) = (&shared.race, CONDITIONS.iter().find(|name| headers.contains_key(**name))) else {
        return true;
    };
    let url = format!("{}{}", shared.upstream, seen.path);
    let found = shared.client.head(url).send().await.unwrap();
    let version = found.status().is_success().then(|| found.headers()[header::ETAG].clone());
    if race.alone.fetch_update(SeqCst, SeqCst, |alone| alone.checked_sub(1)).is_err() {
        race.compared.wait().await;
    }
    match version {
        Some(version) => *name == "if-match" && version == headers["if-match"],
        None => *name == "if-none-match",
    }
}

/// Forwards a request with its headers, of which the service verifies the signature.
async fn forward(shared: &Shared, seen: Seen, mut headers: HeaderMap, body: Body) -> Response {
    for name in shared.removed {
        headers.remove(*name);
    }
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let url = format!("{}{}", shared.upstream, seen.path);
    let Ok(answer) = shared.client.request(seen.method, url).headers(headers).body(body).send().await else {
        return refused(502, "");
    };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let Ok(body) = answer.bytes().await else {
        return refused(502, "");
    };
    let mut response = (status, Body::from(body)).into_response();
    for (name, value) in &headers {
        if name != header::TRANSFER_ENCODING && name != header::CONNECTION {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

fn refused(status: u16, body: &'static str) -> Response {
    (StatusCode::from_u16(status).unwrap(), body).into_response()
}

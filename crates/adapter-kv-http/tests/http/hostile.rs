//! Servers that are not unstorage servers, and hostile ones.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use adapter_kv_http::{HttpConfig, HttpError, KvSessionAdapter, UnstorageConfig, UnstorageStore};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use lucia_core::{AdapterError, AdapterErrorKind as Kind, AdapterResult, SessionAdapter as _, kv::KvStore as _};
use tokio::{net::TcpListener, sync::Barrier, time::Instant};

use crate::support::in_seconds;

/// Starts a server with this response to every request. Returns its URL and the requests that it receives.
async fn server<R: IntoResponse>(answer: impl Fn(&Request) -> R + Clone + Send + Sync + 'static) -> (String, Asked) {
    let asked = Asked::default();
    let log = asked.clone();
    let router = Router::new().fallback(move |request: Request| {
        log.0.lock().unwrap().push(format!("{request:?}"));
        let response = answer(&request).into_response();
        async move { response }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, asked)
}

#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

/// Returns a store with a long timeout, for a busy machine, and a small limit of responses.
fn store(url: &str) -> UnstorageStore {
    store_with(url, HttpConfig::new().attempt_timeout(Duration::from_secs(30)).timeout(Duration::from_secs(60)))
}

fn store_with(url: &str, http: HttpConfig) -> UnstorageStore {
    let config = UnstorageConfig::new().http(http.max_response_bytes(1 << 20)).max_listing_bytes(1 << 20);
    UnstorageStore::with_config(url, config.bearer_token("hunter2")).unwrap()
}

/// Returns the errors of every method. Checks that none shows a secret.
async fn errors(store: &UnstorageStore) -> Vec<AdapterError> {
    let outcomes: [AdapterResult<()>; 5] = [
        store.get("session:hunter2").await.map(drop),
        store.get_many(&["session:hunter2"]).await.map(drop),
        store.put("session:hunter2", b"{\"password\":\"hunter2\"}", in_seconds(60)).await,
        store.delete("session:hunter2").await,
        store.list("session:hunter2:", None).await.map(drop),
    ];
    let errors: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    for error in &errors {
        let mut shown = format!("{error} {error:?}");
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            shown.push_str(&format!(" {cause} {cause:?}"));
            source = cause.source();
        }
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    errors
}

fn cause(error: &AdapterError) -> &HttpError {
    error.downcast_ref().expect("its source")
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (elsewhere, asked) = server(|_| "{}").await;
    for status in [StatusCode::FOUND, StatusCode::MOVED_PERMANENTLY, StatusCode::TEMPORARY_REDIRECT] {
        let target = elsewhere.clone();
        let (url, _) = server(move |_| (status, [(header::LOCATION, target.clone())])).await;
        let errors = errors(&store(&url)).await;
        assert_eq!(errors.len(), 5);
        for error in errors {
            assert!(matches!(cause(&error), HttpError::Redirect { .. }) && error.kind() == Kind::Backend, "{error:?}");
        }
    }
    assert!(asked.0.lock().unwrap().is_empty(), "no request arrived");
}

#[tokio::test]
async fn an_endless_response_is_cut_off() {
    let endless =
        || Body::from_stream(stream::repeat(Ok::<_, std::convert::Infallible>(Bytes::from(vec![b'x'; 1 << 16]))));
    for status in [StatusCode::OK, StatusCode::INTERNAL_SERVER_ERROR, StatusCode::BAD_REQUEST] {
        let (url, _) = server(move |_| (status, endless())).await;
        let errors = errors(&store(&url)).await;
        assert_eq!(errors.len(), 5);
        for error in errors {
            match cause(&error) {
                HttpError::TooLarge { limit, .. } => assert_eq!((*limit, status), (1 << 20, StatusCode::OK)),
                HttpError::Status { status: found, .. } => assert_eq!(*found, status.as_u16()),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_response_with_a_large_content_length_is_not_read() {
    let (url, _) = server(|_| "x".repeat((1 << 20) + 1)).await;
    for error in errors(&store(&url)).await {
        assert!(matches!(cause(&error), HttpError::TooLarge { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_slow_response_times_out() {
    let drip = || {
        let drops = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Some((Ok::<_, std::io::Error>(Bytes::from_static(b" ")), ()))
        });
        Body::from_stream(drops)
    };
    let (url, _) = server(move |_| drip()).await;
    let hasty = HttpConfig::new().attempt_timeout(Duration::from_secs(1)).timeout(Duration::from_secs(3));
    let start = Instant::now();
    let error = store_with(&url, hasty).get("session:hunter2").await.unwrap_err();
    assert!(matches!(cause(&error), HttpError::TimedOut) && error.kind() == Kind::Unavailable, "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

/// The file system driver truncates a file before it writes it in several parts.
#[tokio::test]
async fn an_incomplete_value_is_read_again() {
    let read = Arc::new(AtomicUsize::new(0));
    let (url, _) = server(move |_| match read.fetch_add(1, SeqCst) {
        0..5 => "",
        5 => r#"{"id":"#,
        _ => r#"{"id":"s1"}"#,
    })
    .await;
    assert_eq!(store(&url).get("a").await.unwrap().as_deref(), Some(&br#"{"id":"s1"}"#[..]));
}

/// A value that remains incomplete takes no longer than the timeout of a request.
#[tokio::test]
async fn reading_an_incomplete_value_again_ends_with_the_timeout() {
    let router = Router::new().fallback(async || {
        tokio::time::sleep(Duration::from_millis(300)).await;
        r#"{"id":"#
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let store = store_with(&url, HttpConfig::new().timeout(Duration::from_secs(1)));
    let start = Instant::now();
    let error = store.get("a").await.unwrap_err();
    assert!(matches!(cause(&error), HttpError::TimedOut), "{error:?}");
    assert!(start.elapsed() < Duration::from_millis(2_500), "{:?}", start.elapsed());
}

/// The responses of the Azure driver if an item is deleted after the server read its value and before it read its age.
#[tokio::test]
async fn the_404_of_a_concurrent_deletion_is_retried() {
    let read = Arc::new(AtomicUsize::new(0));
    let (url, _) = server(move |_| match read.fetch_add(1, SeqCst) {
        0..2 => json(r#"{"statusCode":404,"stack":["RestError","at handleErrorResponse"]}"#),
        _ => json(r#"{"statusCode":404,"statusMessage":"KV value not found","stack":[]}"#),
    })
    .await;
    assert_eq!(store(&url).get("a").await.unwrap(), None);
}

fn page(status: StatusCode) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], "<html><body>Sign in to Wi-Fi</body></html>")
        .into_response()
}

#[tokio::test]
async fn an_html_page_is_an_error() {
    let (url, _) = server(|_| page(StatusCode::OK)).await;
    let adapter = KvSessionAdapter::new(UnstorageStore::new(&url).unwrap());
    assert_eq!(
        adapter.get_session(&"s".into()).await.unwrap_err().kind(),
        Kind::Decode,
        "a value that is not a session"
    );
    for error in errors(&store(&url)).await {
        assert!(matches!(cause(&error), HttpError::Unexpected { .. }) && error.kind() == Kind::Backend, "{error:?}");
    }
}

fn json(body: &'static str) -> Response {
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// The 404 of a gateway does not mean that a session is absent.
#[tokio::test]
async fn a_404_of_something_else_is_an_error() {
    let (html, _) = server(|_| page(StatusCode::NOT_FOUND)).await;
    let (text, _) = server(|_| (StatusCode::NOT_FOUND, "default backend - 404")).await;
    let (empty, _) = server(|_| StatusCode::NOT_FOUND).await;
    let (kong, _) = server(|_| json(r#"{"message":"no Route matched with those values"}"#)).await;
    let (azure, _) = server(|_| json(r#"{ "statusCode": 404, "message": "Resource not found" }"#)).await;
    let (nitro, _) =
        server(|_| json(r#"{"statusCode":404,"statusMessage":"Cannot find any path matching /session/s."}"#)).await;
    for url in [html, text, empty, kong, azure, nitro] {
        let errors = errors(&store(&url)).await;
        assert_eq!(errors.len(), 5, "no method returns an absent session");
        for error in errors {
            assert_eq!((error.kind(), cause(&error).status()), (Kind::Backend, Some(404)));
            // The same for writes and listings.
            assert!(cause(&error).to_string().ends_with("check the URL of the service"));
        }
        let adapter = KvSessionAdapter::new(UnstorageStore::new(&url).unwrap());
        let (read, listed) =
            (adapter.get_session(&"s".into()).await, adapter.get_sessions_by_user_id(&"u".into()).await);
        assert_eq!((read.unwrap_err().kind(), listed.unwrap_err().kind()), (Kind::Backend, Kind::Backend));
    }
}

/// Something that responds to every request with an empty 200.
#[tokio::test]
async fn an_empty_response_is_not_a_success() {
    let (url, _) = server(|_| "").await;
    let (put, delete) = (store(&url).put("a", b"1", in_seconds(60)).await, store(&url).delete("a").await);
    for outcome in [put, delete] {
        assert!(matches!(cause(&outcome.unwrap_err()), HttpError::Unexpected { .. }));
    }
}

#[tokio::test]
async fn every_status_but_404_is_an_error() {
    for status in
        (300..600).step_by(7).chain([400, 401, 403, 405, 409, 410, 429, 500, 503]).filter(|&status| status != 404)
    {
        let (url, _) = server(move |_| StatusCode::from_u16(status).unwrap()).await;
        let options = HttpConfig::new().max_attempts(1);
        let store =
            UnstorageStore::with_config(&url, UnstorageConfig::new().bearer_token("hunter2").http(options)).unwrap();
        let errors = errors(&store).await;
        assert_eq!(errors.len(), 5, "{status}");
        for error in errors {
            let passes = matches!(status, 408 | 425 | 429 | 500..);
            assert_eq!(error.kind(), if passes { Kind::Unavailable } else { Kind::Backend }, "{status}");
            assert_eq!(cause(&error).status(), Some(status));
        }
    }
}

#[tokio::test]
async fn hostile_listings_revoke_no_session_of_another_user() {
    for listing in [
        r#"["user_session/u/s1","user_session/victim/s2"]"#,
        r#"["session/s2"]"#,
        r#"{"keys":["user_session/u/s1"]}"#,
        r#"["user_session/u/s1", 7]"#,
    ] {
        let (url, asked) = server(move |_| listing).await;
        let adapter = KvSessionAdapter::new(UnstorageStore::new(&url).unwrap());
        let error = adapter.delete_sessions_by_user_id(&"u".into()).await.unwrap_err();
        assert!(matches!(cause(&error), HttpError::Unexpected { .. }), "{listing}");
        assert!(!asked.0.lock().unwrap().iter().any(|request| request.contains("method: DELETE")), "{listing}");
    }
}

#[tokio::test]
async fn an_unreachable_host_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for url in [&*url, "http://hunter2.invalid"] {
        let errors = errors(&store(url)).await;
        assert_eq!(errors.len(), 5);
        assert!(errors.iter().all(|error| error.kind() == Kind::Unavailable));
    }
}

#[tokio::test]
async fn concurrent_requests_are_limited() {
    let (under_way, most) = (Arc::new(Mutex::new(0_usize)), Arc::new(Mutex::new(0_usize)));
    let counters = (Arc::clone(&under_way), Arc::clone(&most));
    // No response is sent before three requests have arrived.
    let three = Arc::new(Barrier::new(3));
    let router = Router::new().fallback(move || {
        let ((under_way, most), three) = (counters.clone(), Arc::clone(&three));
        async move {
            let now = {
                let mut under_way = under_way.lock().unwrap();
                *under_way += 1;
                *under_way
            };
            {
                let mut most = most.lock().unwrap();
                *most = now.max(*most);
            }
            three.wait().await;
            *under_way.lock().unwrap() -= 1;
            "1"
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let options = HttpConfig::new().max_concurrency(3);
    let store = UnstorageStore::with_config(&url, UnstorageConfig::new().http(options)).unwrap();
    let keys: Vec<_> = (0..51).map(|n| format!("a:{n}")).collect();
    let reads = keys.iter().map(|key| store.get(key));
    futures_util::future::try_join_all(reads).await.unwrap();
    assert_eq!(*most.lock().unwrap(), 3);
}

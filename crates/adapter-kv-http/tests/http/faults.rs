//! Servers that are unreachable, slow, or fail during an operation.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use adapter_kv_http::{HttpConfig, HttpError, UnstorageConfig, UnstorageStore};
use lucia_core::{
    AdapterErrorKind as Kind, SessionAdapter as _, SessionSchema, SessionUpdate,
    kv::{KvSessionAdapter, KvStore as _},
};
use test_servers::Cut;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    task::spawn_blocking,
    time::Instant,
};

use crate::support::{
    in_seconds,
    proxy::{Fault, Proxy},
    unstorage::{Driver, NEWEST, Unstorage},
};

type Adapter = KvSessionAdapter<UnstorageStore>;

/// Returns an adapter with short timeouts, for operations that should fail.
fn hasty(url: &str) -> Adapter {
    let options = HttpConfig::new().attempt_timeout(Duration::from_millis(500)).timeout(Duration::from_secs(2));
    KvSessionAdapter::new(UnstorageStore::with_config(url, UnstorageConfig::new().http(options)).unwrap())
}

/// Returns an adapter with long timeouts, for operations that should succeed on a busy machine.
fn patient(url: &str) -> Adapter {
    let options = HttpConfig::new().attempt_timeout(Duration::from_secs(30)).timeout(Duration::from_secs(60));
    KvSessionAdapter::new(UnstorageStore::with_config(url, UnstorageConfig::new().http(options)).unwrap())
}

async fn start() -> (Unstorage, Proxy) {
    let unstorage = spawn_blocking(|| Unstorage::start(NEWEST, Driver::Memory)).await.unwrap();
    let proxy = Proxy::start(&unstorage.url()).await;
    (unstorage, proxy)
}

fn session(id: &str) -> SessionSchema {
    SessionSchema::new(id, "u", in_seconds(3_600), in_seconds(7_200))
}

/// Checks that every operation fails with `Unavailable` in time.
async fn ensure_unavailable(adapter: &Adapter, what: &str) {
    let renewal = SessionUpdate::renewal(in_seconds(7_200), in_seconds(9_000));
    let start = Instant::now();
    let outcomes = [
        adapter.get_session(&"s".into()).await.map(drop),
        adapter.get_sessions_by_user_id(&"u".into()).await.map(drop),
        adapter.set_session(&session("new")).await,
        adapter.update_session(&"s".into(), &renewal).await,
        adapter.delete_session(&"s".into()).await,
        adapter.delete_sessions_by_user_id(&"u".into()).await,
    ];
    assert!(start.elapsed() < Duration::from_secs(6 * 3), "{what}: {:?}", start.elapsed());
    for outcome in outcomes {
        assert_eq!(outcome.unwrap_err().kind(), Kind::Unavailable, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_an_error() {
    let mut unstorage = spawn_blocking(|| Unstorage::start(NEWEST, Driver::Fs)).await.unwrap();
    let (adapter, patient) = (hasty(&unstorage.url()), patient(&unstorage.url()));
    patient.set_session(&session("s")).await.unwrap();

    unstorage.server.pause().unwrap();
    ensure_unavailable(&adapter, "a server that hangs").await;
    unstorage.server.resume().unwrap();
    patient.get_session(&"s".into()).await.unwrap().expect("the session, after the server hung");

    let mut unstorage = spawn_blocking(move || unstorage.server.kill().map(|()| unstorage)).await.unwrap().unwrap();
    ensure_unavailable(&adapter, "a stopped server").await;
    let unstorage = spawn_blocking(move || unstorage.server.restart().map(|()| unstorage)).await.unwrap().unwrap();
    patient.get_session(&"s".into()).await.unwrap().expect("the session, after the restart");
    drop(unstorage);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_errors_and_delays_are_unavailable() {
    let (_unstorage, proxy) = start().await;
    let (adapter, patient) = (hasty(&proxy.url), patient(&proxy.url));
    patient.set_session(&session("s")).await.unwrap();
    for fault in [
        Fault::Refuse(500),
        Fault::Refuse(502),
        Fault::Refuse(503),
        Fault::RetryAfter(503, 3_600),
        Fault::RetryAfter(429, 3_600),
        Fault::Delay(Duration::from_secs(5)),
        Fault::Hang,
    ] {
        let what = format!("{fault:?}");
        proxy.script(move |_| Some(fault.clone()));
        ensure_unavailable(&adapter, &what).await;
    }
    proxy.no_faults();
    patient.get_session(&"s".into()).await.unwrap().expect("the session still exists");
}

#[tokio::test]
async fn transient_errors_are_retried() {
    let (_unstorage, proxy) = start().await;
    let adapter = patient(&proxy.url);
    adapter.set_session(&session("s")).await.unwrap();
    for fault in [Fault::Refuse(503), Fault::RetryAfter(429, 0), Fault::DoAndRefuse(500)] {
        let mut first = true;
        proxy.script(move |_| std::mem::take(&mut first).then(|| fault.clone()));
        proxy.take();
        adapter.get_session(&"s".into()).await.unwrap().expect("the session");
        assert_eq!(proxy.count(), 2, "the read was retried");
    }
}

#[tokio::test]
async fn a_long_retry_after_is_returned_to_the_caller() {
    let (_unstorage, proxy) = start().await;
    let adapter = patient(&proxy.url);
    proxy.script(|_| Some(Fault::RetryAfter(429, 120)));
    let error = adapter.get_session(&"s".into()).await.unwrap_err();
    let cause = error.downcast_ref::<HttpError>().expect("its source");
    assert_eq!((cause.status(), cause.retry_after()), (Some(429), Some(Duration::from_secs(120))));
    assert_eq!(proxy.count(), 1);
}

/// Node may close an idle connection at the moment when it is used again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_on_a_closing_connection_is_retried() {
    let unstorage = spawn_blocking(|| Unstorage::start(NEWEST, Driver::Memory)).await.unwrap();
    let line = test_servers::Proxy::start(unstorage.server.port()).unwrap();
    let adapter = patient(&format!("http://127.0.0.1:{}", line.port()));
    for nth in 0..3 {
        let session = session(&format!("s{nth}"));
        adapter
            .set_session(&SessionSchema::new(format!("warm{nth}"), "u", in_seconds(60), in_seconds(60)))
            .await
            .unwrap();
        line.cut_after(nth, Cut::BeforeRequest);
        adapter.set_session(&session).await.unwrap();
        assert!(!line.take_back_cut(), "request {nth} was cut");
        assert_eq!(adapter.get_session(&session.id).await.unwrap(), Some(session));
    }
    assert_eq!(adapter.get_sessions_by_user_id(&"u".into()).await.unwrap().len(), 6);
}

/// Returns the number of connections that two requests use.
async fn connections(idle_timeout: Duration, pause: Duration) -> usize {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let accepted = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&accepted);
    let server = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, SeqCst);
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                let mut line = String::new();
                while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
                    if line == "\r\n" {
                        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1").await.unwrap();
                    }
                    line.clear();
                }
            });
        }
    });
    let options = HttpConfig::new().idle_timeout(idle_timeout);
    let store = UnstorageStore::with_config(&url, UnstorageConfig::new().http(options)).unwrap();
    store.get("a").await.unwrap();
    tokio::time::sleep(pause).await;
    store.get("a").await.unwrap();
    server.abort();
    accepted.load(SeqCst)
}

#[tokio::test]
async fn idle_connections_are_reused_until_the_timeout() {
    let long = Duration::from_secs(600);
    assert_eq!(connections(long, Duration::ZERO).await, 1);
    assert_eq!(connections(Duration::from_millis(1), Duration::from_millis(20)).await, 2);
}

/// Returns the faults of a write, once or permanently.
fn faults() -> Vec<(Fault, bool)> {
    let faults =
        [Fault::Refuse(500), Fault::Refuse(507), Fault::DoAndRefuse(500), Fault::DoAndRefuse(507), Fault::DoAndHang];
    faults.into_iter().flat_map(|fault| [(fault.clone(), false), (fault, true)]).collect()
}

fn break_writes(proxy: &Proxy, nth: usize, fault: Fault, for_good: bool) {
    let mut writes = 0;
    proxy.script(move |seen| {
        writes += usize::from(seen.is_write());
        let breaks = seen.is_write() && (writes == nth || for_good && writes > nth);
        breaks.then(|| fault.clone())
    });
}

/// Checks that a session is listed if it exists, and is revoked with all sessions of its user.
async fn ensure_revocable(proxy: &Proxy, patient: &Adapter, session: &SessionSchema, what: &str) {
    proxy.no_faults();
    if patient.get_session(&session.id).await.unwrap().is_some() {
        let listed = patient.get_sessions_by_user_id(&session.user_id).await.unwrap();
        assert!(listed.iter().any(|found| found.id == session.id), "{what}: alive and not listed");
    }
    patient.delete_sessions_by_user_id(&session.user_id).await.unwrap();
    assert_eq!(patient.get_session(&session.id).await.unwrap(), None, "{what}: it survives the revocation");
    assert_eq!(patient.get_sessions_by_user_id(&session.user_id).await.unwrap(), [], "{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_creation_leaves_only_revocable_sessions() {
    let (_unstorage, proxy) = start().await;
    let (adapter, patient) = (hasty(&proxy.url), patient(&proxy.url));
    for (number, (fault, for_good)) in faults().into_iter().enumerate() {
        for nth in 1..=3 {
            let what = format!("write {nth}, {fault:?}, for good: {for_good}");
            let session = session(&format!("s{number}-{nth}"));
            break_writes(&proxy, nth, fault.clone(), for_good);
            let outcome = adapter.set_session(&session).await;
            proxy.no_faults();
            if outcome.is_ok() {
                assert_eq!(patient.get_session(&session.id).await.unwrap().as_ref(), Some(&session), "{what}");
            }
            ensure_revocable(&proxy, &patient, &session, &what).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_revocation_can_be_repeated() {
    let (_unstorage, proxy) = start().await;
    let (adapter, patient) = (hasty(&proxy.url), patient(&proxy.url));
    for (number, (fault, for_good)) in faults().into_iter().enumerate() {
        for nth in 1..=3 {
            for of_all in [false, true] {
                let what = format!("write {nth}, {fault:?}, for good: {for_good}, of all: {of_all}");
                let session = session(&format!("s{number}-{nth}-{of_all}"));
                patient.set_session(&session).await.unwrap();
                break_writes(&proxy, nth, fault.clone(), for_good);
                let outcome = match of_all {
                    false => adapter.delete_session(&session.id).await,
                    true => adapter.delete_sessions_by_user_id(&session.user_id).await,
                };
                proxy.no_faults();
                if outcome.is_ok() {
                    assert_eq!(patient.get_session(&session.id).await.unwrap(), None, "{what}: revoked and alive");
                }
                ensure_revocable(&proxy, &patient, &session, &what).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_renewal_leaves_a_revocable_session() {
    let (_unstorage, proxy) = start().await;
    let (adapter, patient) = (hasty(&proxy.url), patient(&proxy.url));
    for (number, (fault, for_good)) in faults().into_iter().enumerate() {
        for nth in 1..=3 {
            let what = format!("write {nth}, {fault:?}, for good: {for_good}");
            let session = session(&format!("s{number}-{nth}"));
            patient.set_session(&session).await.unwrap();
            break_writes(&proxy, nth, fault.clone(), for_good);
            // Late enough that the index entry is rewritten too.
            let renewal = SessionUpdate::renewal(in_seconds(7_200), in_seconds(100 * 24 * 3_600));
            let _ = adapter.update_session(&session.id, &renewal).await;
            proxy.no_faults();
            patient.get_session(&session.id).await.unwrap().expect("the session, renewed or not");
            ensure_revocable(&proxy, &patient, &session, &what).await;
        }
    }
}

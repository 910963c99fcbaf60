//! Neither errors nor logs contain a session id, which is in the URLs of all requests.

use std::{
    error::Error,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use adapter_object_store::{Bucket, ObjectKvConfig, ObjectKvStore};
use lucia_core::{
    UnixMillis,
    kv::{
        KvCondition::{Absent, Version},
        KvStore as _, KvVersion,
    },
};
use tracing::{
    Dispatch, Level,
    subscriber::{self, DefaultGuard, NoSubscriber},
};

use crate::support::{
    Service, azure,
    proxy::{Fault, Proxy},
    s3,
};

const ID: &str = "secretSessionId";
const KEY: &str = "session:secretSessionId";

/// The output of all events and spans, of every crate and level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Records the events of this thread until the guards are dropped.
    fn start() -> (Self, (DefaultGuard, Dispatch)) {
        // With a single subscriber, `tracing` asks only the thread that reaches an event first. If that is the thread of
        // another test, which has no subscriber, the event is never recorded.
        let second = Dispatch::new(NoSubscriber::new());
        let log = Self::default();
        let writer = log.clone();
        let lines = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        (log, (subscriber::set_default(lines), second))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns everything that an error and its sources show.
fn shown(error: &(dyn Error + 'static)) -> String {
    let mut shown = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        shown.push_str(&format!("{error} {error:?} {error:#?}\n"));
        next = error.source();
    }
    shown
}

/// Calls every method, and returns the output of their errors.
async fn errors(store: &ObjectKvStore) -> Vec<String> {
    let never = UnixMillis::MAX;
    let version = Version(KvVersion::new("\n\"an ETag\""));
    let results = [
        store.get(KEY).await.map(drop),
        store.get_versioned(KEY).await.map(drop),
        store.get_many(&[KEY, KEY]).await.map(drop),
        store.list(KEY, None).await.map(drop),
        store.put(KEY, b"1", never).await,
        store.put_if(KEY, b"1", never, &Absent).await.map(drop),
        store.put_if(KEY, b"1", never, &version).await.map(drop),
        store.delete(KEY).await,
        store.delete_many(&[KEY, KEY]).await,
    ];
    results.into_iter().filter_map(Result::err).map(|error| shown(&error)).collect()
}

fn assert_no_secret(text: &str, key: &str) {
    for secret in [ID, key, "http:", "127.0.0.1"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

/// One thread, so that the log has the events of every task.
#[tokio::test]
async fn no_error_or_event_shows_a_session_id() {
    let (log, _guard) = Log::start();
    for (service, key) in [(Service::SeaweedFs, "a key of tests"), (Service::Azurite, "YSBrZXkgb2YgdGVzdHM=")] {
        let server = tokio::task::spawn_blocking(move || service.start()).await.unwrap();
        let proxy = Proxy::start(server.port()).await;
        let config = ObjectKvConfig::new().attempt_timeout(Duration::from_secs(1)).timeout(Duration::from_secs(2));
        let store = ObjectKvStore::with_config(service.bucket(proxy.port), config).await.unwrap();
        assert_no_secret(&format!("{store:?} {store:#?}"), key);
        // An attacker's body with the path of the request.
        const ECHO: &str = "<Error><Code>session/secretSessionId</Code><Key>session/secretSessionId</Key></Error>";
        const DENIED: &str = "<Error><Code>AccessDenied</Code><Message>secretSessionId</Message></Error>";
        for (status, body) in [(400, ECHO), (401, ""), (403, DENIED), (404, ECHO), (500, ECHO), (503, "")] {
            proxy.script(move |_| Some(Fault::Refuse(status, body)));
            let errors = errors(&store).await;
            assert_eq!(errors.len(), 9, "{status}");
            for error in errors {
                assert_no_secret(&error, key);
                assert!(error.contains(&status.to_string()), "{error}");
                assert!(status != 403 || error.contains("AccessDenied"), "{error}");
            }
        }
        proxy.script(|_| Some(Fault::Refuse(200, "neither a value nor a listing")));
        for error in errors(&store).await {
            assert_no_secret(&error, key);
        }
        proxy.script(|_| Some(Fault::Hang));
        let errors_of_silence = errors(&store).await;
        assert_eq!(errors_of_silence.len(), 9);
        drop((proxy, server));
        for error in errors_of_silence.into_iter().chain(errors(&store).await) {
            assert_no_secret(&error, key);
        }
    }
    let text = log.text();
    assert!(text.contains("retrying a failed request"), "the log has the events of this crate");
    let leaks: Vec<_> = text.lines().filter(|line| line.contains(ID)).take(3).collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}

/// A server that verifies signatures.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_named_without_showing_them() {
    let (seaweedfs, azurite) = (Service::SeaweedFs.start(), Service::Azurite.start());
    let wrong = "d3Jvbmcga2V5";
    let buckets = [
        Bucket::s3(s3(seaweedfs.port()).with_secret_access_key(wrong)),
        Bucket::s3(s3(seaweedfs.port()).with_access_key_id(wrong)),
        Bucket::azure(azure(azurite.port()).with_access_key(wrong)),
    ];
    for bucket in buckets {
        let text = shown(&ObjectKvStore::new(bucket.unwrap()).await.unwrap_err());
        assert!(text.contains("status 403") && text.contains("check the credentials"), "{text}");
        assert_no_secret(&text, wrong);
    }
}

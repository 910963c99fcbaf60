//! Which requests are sent again, and what a write that arrives late does.

use std::{sync::Arc, time::Duration};

use adapter_object_store::{KvSessionAdapter, ObjectKvConfig, ObjectKvStore, ObjectStoreError};
use lucia_core::{
    AdapterErrorKind as Kind, SessionAdapter as _, SessionSchema, SessionUpdate, UnixMillis,
    kv::{
        KvCondition::{Absent, Version},
        KvStore as _,
    },
};
use test_servers::{Cut, Server};

use crate::support::{
    Service,
    proxy::{Fault, Held, Proxy},
};

const KEY: &str = "session:s1";
const NEVER: UnixMillis = UnixMillis::MAX;

struct Faulty {
    _server: Server,
    proxy: Proxy,
    /// Through the proxy, with a short timeout.
    store: ObjectKvStore,
    direct: ObjectKvStore,
}

impl Faulty {
    async fn start(service: Service) -> Self {
        let server = service.start();
        let proxy = Proxy::start(server.port()).await;
        let direct = ObjectKvStore::new(service.bucket(server.port())).await.unwrap();
        let config = ObjectKvConfig::new().attempt_timeout(Duration::from_secs(2));
        let store = ObjectKvStore::with_config(service.bucket(proxy.port), config).await.unwrap();
        proxy.take();
        Self { _server: server, proxy, store, direct }
    }

    /// Returns how often the session was written since the last call.
    fn puts(&self) -> usize {
        self.proxy.take().iter().filter(|seen| seen.puts("s1")).count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_a_deletion_overtakes_is_neither_repeated_nor_executed() {
    for service in [Service::SeaweedFs, Service::Azurite] {
        let faulty = Faulty::start(service).await;
        faulty.direct.put(KEY, b"1", NEVER).await.unwrap();
        let (_, version) = faulty.store.get_versioned(KEY).await.unwrap().unwrap();
        let held = Arc::new(Held::default());
        faulty.proxy.nth_write(1, Fault::Hold(Arc::clone(&held)));
        let error = faulty.store.put_if(KEY, b"2", NEVER, &Version(version)).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable);
        assert_eq!(error.downcast_ref(), Some(&ObjectStoreError::TimedOut));
        faulty.direct.delete(KEY).await.unwrap();
        held.release.notify_one();
        held.done.notified().await;
        assert_eq!(faulty.direct.get(KEY).await.unwrap(), None, "{service:?}");
        assert_eq!(faulty.puts(), 1, "{service:?}");
    }
}

/// The renewal ends with an error, and its write arrives after the revocation.
#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_a_revocation_overtakes_restores_nothing() {
    for service in [Service::SeaweedFs, Service::Azurite] {
        let faulty = Faulty::start(service).await;
        let [slow, direct] = [&faulty.store, &faulty.direct].map(|store| KvSessionAdapter::new(store.clone()));
        let session = SessionSchema::new("s1", "u1", NEVER, NEVER);
        let renewal = SessionUpdate::renewal(UnixMillis::new(2_000_000_000_000), UnixMillis::new(2_000_000_000_000));
        direct.set_session(&session).await.unwrap();
        let held = Arc::new(Held::default());
        faulty.proxy.nth_write(1, Fault::Hold(Arc::clone(&held)));
        assert_eq!(slow.update_session(&session.id, &renewal).await.unwrap_err().kind(), Kind::Unavailable);
        direct.delete_sessions_by_user_id(&session.user_id).await.unwrap();
        held.release.notify_one();
        held.done.notified().await;
        assert_eq!(direct.get_session(&session.id).await.unwrap(), None, "{service:?}");
        assert!(direct.get_sessions_by_user_id(&session.user_id).await.unwrap().is_empty());
        assert_eq!(faulty.puts(), 1, "{service:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_are_not_repeated_after_an_unknown_outcome() {
    let faulty = Faulty::start(Service::SeaweedFs).await;
    for (fault, executed) in [(Fault::DoAndRefuse(500), true), (Fault::DoAndRefuse(503), true), (Fault::Hang, false)] {
        faulty.proxy.nth_write(1, fault.clone());
        assert_eq!(faulty.store.put(KEY, b"1", NEVER).await.unwrap_err().kind(), Kind::Unavailable);
        assert_eq!((faulty.puts(), faulty.direct.get(KEY).await.unwrap().is_some()), (1, executed), "{fault:?}");

        faulty.direct.delete(KEY).await.unwrap();
        faulty.proxy.nth_write(1, fault.clone());
        // An error, because `false` would say that another write came first.
        assert_eq!(faulty.store.put_if(KEY, b"2", NEVER, &Absent).await.unwrap_err().kind(), Kind::Unavailable);
        assert_eq!((faulty.puts(), faulty.direct.get(KEY).await.unwrap().is_some()), (1, executed), "{fault:?}");
        faulty.direct.delete(KEY).await.unwrap();
    }
}

/// The client of `object_store` would repeat a write whose connection was closed, even a conditional one.
#[tokio::test(flavor = "multi_thread")]
async fn writes_are_not_repeated_after_a_broken_connection() {
    for service in [Service::SeaweedFs, Service::Azurite] {
        let server = service.start();
        let proxy = test_servers::Proxy::start(server.port()).unwrap();
        let store = ObjectKvStore::new(service.bucket(proxy.port())).await.unwrap();
        for conditional in [false, true] {
            let before = proxy.requests();
            proxy.cut_after(0, Cut::BeforeReply);
            let error = if conditional {
                store.put_if("session:s2", b"1", NEVER, &Absent).await.unwrap_err()
            } else {
                store.put(KEY, b"1", NEVER).await.unwrap_err()
            };
            assert!(matches!(error.downcast_ref(), Some(ObjectStoreError::Transport { .. })), "{error:?}");
            // None if the client had not noticed that the cut before closed its idle connections, too.
            assert!(proxy.requests() - before <= 1, "{service:?} {conditional}");
        }
        // A read is.
        proxy.cut_after(0, Cut::BeforeReply);
        store.get(KEY).await.unwrap();
        proxy.cut_after(0, Cut::BeforeReply);
        store.list("session:", None).await.unwrap();
        proxy.cut_after(0, Cut::BeforeReply);
        store.delete_many(&[KEY, "session:s2"]).await.unwrap();
        assert!(store.list("session:", None).await.unwrap().keys.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_writes_are_retried() {
    let faulty = Faulty::start(Service::SeaweedFs).await;
    const SLOW_DOWN: &str = "<Error><Code>SlowDown</Code></Error>";
    const CONFLICT: &str = "<Error><Code>ConditionalRequestConflict</Code></Error>";
    for (status, body) in [(429, ""), (503, SLOW_DOWN), (409, CONFLICT)] {
        faulty.proxy.nth_write(1, Fault::Refuse(status, body));
        assert!(faulty.store.put_if(KEY, b"1", NEVER, &Absent).await.unwrap(), "{status}");
        assert_eq!(faulty.puts(), 2, "{status}");
        let (_, version) = faulty.store.get_versioned(KEY).await.unwrap().unwrap();
        faulty.proxy.nth_write(1, Fault::Refuse(status, body));
        assert!(faulty.store.put_if(KEY, b"2", NEVER, &Version(version)).await.unwrap(), "{status}");
        faulty.direct.delete(KEY).await.unwrap();
        faulty.proxy.take();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_and_deletions_are_retried() {
    for service in [Service::SeaweedFs, Service::Azurite] {
        let faulty = Faulty::start(service).await;
        faulty.direct.put(KEY, b"1", NEVER).await.unwrap();
        let once = |fault: Fault| {
            let mut fault = Some(fault);
            faulty.proxy.script(move |_| fault.take());
        };
        for fault in [Fault::Refuse(500, ""), Fault::Refuse(503, ""), Fault::Hang] {
            once(fault.clone());
            assert_eq!(faulty.store.get(KEY).await.unwrap().as_deref(), Some(&b"1"[..]), "{fault:?}");
            once(fault);
            assert_eq!(faulty.store.list("session:", None).await.unwrap().keys, [KEY]);
        }
        // The second deletion finds nothing.
        once(Fault::DoAndRefuse(500));
        faulty.store.delete(KEY).await.unwrap();
        assert_eq!(faulty.direct.get(KEY).await.unwrap(), None);
    }
}

/// A 404 is the answer to an absent object only if it says so.
#[tokio::test(flavor = "multi_thread")]
async fn other_responses_do_not_mean_that_a_session_is_absent() {
    let faulty = Faulty::start(Service::SeaweedFs).await;
    for body in ["", "<html>Not Found</html>", "<Error><Code>NoSuchBucket</Code></Error>"] {
        faulty.proxy.script(move |_| Some(Fault::Refuse(404, body)));
        assert_eq!(faulty.store.get(KEY).await.unwrap_err().kind(), Kind::Backend, "{body}");
        assert_eq!(faulty.store.delete(KEY).await.unwrap_err().kind(), Kind::Backend, "{body}");
        assert_eq!(faulty.store.put_if(KEY, b"1", NEVER, &Absent).await.unwrap_err().kind(), Kind::Backend, "{body}");
        let version = Version(lucia_core::kv::KvVersion::new("\n\"0\""));
        assert_eq!(faulty.store.put_if(KEY, b"1", NEVER, &version).await.unwrap_err().kind(), Kind::Backend, "{body}");
    }
}

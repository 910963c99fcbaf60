//! The number of requests of each operation, as in the README.

use adapter_object_store::{KvSessionAdapter, ObjectKvStore};
use axum::http::Method;
use lucia_core::{SessionAdapter as _, SessionSchema, SessionUpdate, UnixMillis};

use crate::support::{Service, proxy::Proxy};

/// The requests of an operation, by their price.
#[derive(Debug, Default, PartialEq, Eq)]
struct Requests {
    reads: usize,
    writes: usize,
    lists: usize,
    deletions: usize,
}

impl Requests {
    fn take(proxy: &Proxy) -> Self {
        let mut requests = Self::default();
        for seen in proxy.take() {
            let count = match seen.method {
                Method::PUT => &mut requests.writes,
                Method::POST | Method::DELETE => &mut requests.deletions,
                _ if seen.path.contains("list-type") => &mut requests.lists,
                _ => &mut requests.reads,
            };
            *count += 1;
        }
        requests
    }
}

fn session(id: usize) -> SessionSchema {
    let idle = UnixMillis::new(1_900_000_000_000);
    SessionSchema::new(format!("s{id}"), "u1", idle, idle)
}

const fn requests(reads: usize, writes: usize, lists: usize, deletions: usize) -> Requests {
    Requests { reads, writes, lists, deletions }
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_take_as_many_requests_as_documented() {
    let server = Service::SeaweedFs.start();
    let proxy = Proxy::start(server.port()).await;
    let store = ObjectKvStore::new(Service::SeaweedFs.bucket(proxy.port)).await.unwrap();
    let taken = || Requests::take(&proxy);
    assert_eq!(taken(), requests(3, 5, 1, 1), "create the store");
    let adapter = KvSessionAdapter::new(store);
    let id = session(0).id;
    adapter.set_session(&session(0)).await.unwrap();
    assert_eq!(taken(), requests(4, 2, 0, 0), "create");
    adapter.get_session(&id).await.unwrap();
    assert_eq!(taken(), requests(1, 0, 0, 0), "read");
    let renewal = |millis| SessionUpdate::renewal(UnixMillis::new(millis), UnixMillis::new(millis));
    adapter.update_session(&id, &renewal(1_900_000_000_001)).await.unwrap();
    assert_eq!(taken(), requests(2, 1, 0, 0), "renew");
    adapter.update_session(&id, &renewal(1_910_000_000_000)).await.unwrap();
    assert_eq!(taken(), requests(4, 2, 0, 0), "renew, and the index entry too");
    adapter.rotate_session(&id, &"other".into(), &SessionUpdate::default()).await.unwrap();
    assert_eq!(taken(), requests(9, 3, 0, 2), "rotate");
    adapter.delete_session(&"other".into()).await.unwrap();
    assert_eq!(taken(), requests(1, 1, 0, 2), "revoke");
    for id in 1..=20 {
        adapter.set_session(&session(id)).await.unwrap();
    }
    proxy.take();
    assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap().len(), 20);
    assert_eq!(taken(), requests(21, 0, 1, 0), "list 20");
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    assert_eq!(taken(), requests(24, 21, 1, 2), "revoke all of 20");
}

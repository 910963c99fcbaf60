//! The number of requests of each operation, as in the guide.

use adapter_object_store::{KvSessionAdapter, ObjectKvStore};
use axum::http::Method;
use lucia_core::{SessionAdapter as _, SessionId, SessionSchema, SessionToken, SessionUpdate, UnixMillis};

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

/// Returns an id as `lucia-auth` stores it.
fn hashed(token: &str) -> SessionId {
    SessionToken::new(token).hashed_id()
}

fn session(id: usize) -> SessionSchema {
    let idle = UnixMillis::new(1_900_000_000_000);
    SessionSchema::new(hashed(&format!("s{id}")), "u1", idle, idle)
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_take_as_many_requests_as_documented() {
    let server = Service::SeaweedFs.start();
    let proxy = Proxy::start(server.port()).await;
    let mut found = Vec::new();
    let mut note = |operation| found.push((operation, Requests::take(&proxy)));

    let store = ObjectKvStore::new(Service::SeaweedFs.bucket(proxy.port)).await.unwrap();
    note("create the store");
    let adapter = KvSessionAdapter::new(store);
    let (id, new) = (session(0).id, hashed("new"));
    adapter.set_session(&session(0)).await.unwrap();
    note("create");
    adapter.get_session(&id).await.unwrap();
    note("read");
    let renewal = |millis| SessionUpdate::renewal(UnixMillis::new(millis), UnixMillis::new(millis));
    adapter.update_session(&id, &renewal(1_900_000_000_001)).await.unwrap();
    note("renew");
    adapter.update_session(&id, &renewal(1_910_000_000_000)).await.unwrap();
    note("renew, about once a month");
    adapter.rotate_session(&id, &new, &SessionUpdate::default()).await.unwrap();
    note("rotate");
    adapter.delete_session(&new).await.unwrap();
    note("revoke");
    for id in 1..=20 {
        adapter.set_session(&session(id)).await.unwrap();
    }
    proxy.take();
    assert_eq!(adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap().len(), 20);
    note("list 20");
    adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
    note("revoke all of 20");

    let requests = |reads, writes, lists, deletions| Requests { reads, writes, lists, deletions };
    let expected = [
        ("create the store", requests(5, 13, 1, 2)),
        ("create", requests(0, 2, 0, 0)),
        ("read", requests(1, 0, 0, 0)),
        ("renew", requests(1, 1, 0, 0)),
        ("renew, about once a month", requests(2, 2, 0, 0)),
        ("rotate", requests(1, 4, 0, 1)),
        ("revoke", requests(1, 1, 0, 1)),
        ("list 20", requests(21, 0, 1, 0)),
        ("revoke all of 20", requests(44, 20, 1, 1)),
    ];
    assert_eq!(found, expected);
}

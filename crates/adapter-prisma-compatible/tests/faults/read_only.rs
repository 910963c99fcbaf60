use lucia_core::{AdapterErrorKind, SessionAdapter as _, UserAdapter as _};
use test_servers::Proxy;

use crate::{
    on_each_database,
    site::{Kind, session, user},
};

/// A server that takes no writes, as a replica does: reads go on, writes are errors that say so, and once it is the
/// primary, the same pool writes.
async fn a_read_only_replica_reads_and_refuses(kind: Kind) {
    let server = kind.server().start().unwrap();
    kind.prepare(server.port()).await;
    kind.add_application(server.port()).await;
    let adapter = kind.pool(&kind.url_of_application(server.port()), 2).await.adapter().await.unwrap();
    let (u1, key) = user("u1");
    adapter.set_user(&u1, Some(&key)).await.unwrap();
    kind.set_read_only(server.port(), true).await;

    assert_eq!(adapter.get_user(&u1.id).await.unwrap(), Some(u1.clone()));
    let (u2, other_key) = user("u2");
    let errors = [
        adapter.set_user(&u2, Some(&other_key)).await.unwrap_err(),
        adapter.set_session(&session("s1", "u1")).await.unwrap_err(),
        adapter.delete_user(&u1.id).await.unwrap_err(),
        adapter.delete_sessions_by_user_id(&u1.id).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), AdapterErrorKind::Unavailable, "{error:?}");
    }
    kind.set_read_only(server.port(), false).await;

    assert_eq!(adapter.get_user(&u2.id).await.unwrap(), None);
    adapter.set_user(&u2, Some(&other_key)).await.unwrap();
}

/// A write may meet connections to a server that was demoted, and then tries others. It does not try as many new ones as the
/// pool may have, where the server only reads.
async fn a_write_that_is_refused_makes_few_connections(kind: Kind) {
    const BUSY: usize = 9;
    let server = kind.server().start().unwrap();
    kind.prepare(server.port()).await;
    kind.add_application(server.port()).await;
    let proxy = Proxy::start(server.port()).unwrap();
    let pool = kind.pool(&kind.url_of_application(proxy.port()), 20).await;
    let adapter = pool.adapter().await.unwrap();
    let mut busy = Vec::new();
    for _ in 0..BUSY {
        busy.push(pool.hold("SELECT 1").await);
    }
    assert_eq!(adapter.get_user(&"nobody".into()).await.unwrap(), None);
    kind.set_read_only(server.port(), true).await;
    let before = proxy.connections();
    let (new, key) = user("u1");
    let error = adapter.set_user(&new, Some(&key)).await.unwrap_err();
    assert_eq!(error.kind(), AdapterErrorKind::Unavailable, "{error:?}");
    let made = proxy.connections() - before;
    assert!(made <= 3, "{made} connections");
}

on_each_database!(a_read_only_replica_reads_and_refuses, a_write_that_is_refused_makes_few_connections);

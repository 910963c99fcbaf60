use lucia_core::{AdapterErrorKind, SessionAdapter as _, UserAdapter as _};
use test_servers::Proxy;

use crate::{
    on_each_database,
    site::{Kind, session, user},
};

/// The server accepts no writes, like a replica: reads succeed, writes fail with a typed error, and the same pool
/// writes when the server becomes the primary.
async fn a_read_only_server_serves_reads_and_rejects_writes(kind: Kind) {
    let server = kind.server().start().unwrap();
    kind.prepare(server.port()).await;
    kind.create_application_user(server.port()).await;
    let adapter = kind.pool(&kind.application_url(server.port()), 2).await.adapter().await.unwrap();
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

/// A write that fails on a connection to a demoted server is retried on others, but not on as many new ones as the pool
/// may have.
async fn a_rejected_write_opens_few_connections(kind: Kind) {
    const BUSY: usize = 9;
    let server = kind.server().start().unwrap();
    kind.prepare(server.port()).await;
    kind.create_application_user(server.port()).await;
    let proxy = Proxy::start(server.port()).unwrap();
    let pool = kind.pool(&kind.application_url(proxy.port()), 20).await;
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

on_each_database!(a_read_only_server_serves_reads_and_rejects_writes, a_rejected_write_opens_few_connections);

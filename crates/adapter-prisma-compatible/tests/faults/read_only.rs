use lucia_core::{AdapterErrorKind, SessionAdapter as _, UserAdapter as _};

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

on_each_database!(a_read_only_replica_reads_and_refuses);

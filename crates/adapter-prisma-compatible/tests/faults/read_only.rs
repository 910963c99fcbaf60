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
    let root = kind.pool(&kind.url(server.port()), 1).await;
    let (u1, key) = user("u1");
    root.adapter().await.unwrap().set_user(&u1, Some(&key)).await.unwrap();

    let (demote, promote, url) = match kind {
        Kind::Postgres => {
            let demote = "ALTER SYSTEM SET default_transaction_read_only = on";
            (demote, "ALTER SYSTEM RESET default_transaction_read_only", kind.url(server.port()))
        }
        Kind::MySql => {
            root.execute("CREATE USER 'application'@'%'").await;
            root.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON lucia.* TO 'application'@'%'").await;
            let url = format!("mysql://application@127.0.0.1:{}/lucia", server.port());
            ("SET GLOBAL read_only = ON", "SET GLOBAL read_only = OFF", url)
        }
    };
    let adapter = kind.pool(&url, 2).await.adapter().await.unwrap();
    root.execute(demote).await;
    reload(kind, &root).await;

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
    root.execute(promote).await;
    reload(kind, &root).await;

    assert_eq!(adapter.get_user(&u2.id).await.unwrap(), None);
    adapter.set_user(&u2, Some(&other_key)).await.unwrap();
}

async fn reload(kind: Kind, root: &crate::site::Pool) {
    if kind == Kind::Postgres {
        root.execute("SELECT pg_reload_conf()").await;
        // Other sessions hear of it by a signal.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
}

on_each_database!(a_read_only_replica_reads_and_refuses);

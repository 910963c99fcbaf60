use adapter_prisma_compatible::PrismaAdapter;
use futures_util::future::join_all;
use lucia_core::{AdapterError, AdapterErrorKind, SessionAdapter as _, UserAdapter as _};
use test_servers::Proxy;

use crate::{
    on_each_database, pools,
    site::{Kind, session, user},
};

/// More concurrent reads than a pool has connections, so that all of them are opened.
const READS: usize = 20;

async fn open_all_connections(adapter: &PrismaAdapter) {
    let nobody = "nobody".into();
    let reads = join_all((0..READS).map(|_| adapter.get_user(&nobody))).await;
    assert!(reads.into_iter().all(|read| read.unwrap().is_none()));
}

async fn sign_up(adapter: &PrismaAdapter, id: &str) -> Result<(), AdapterError> {
    let (new_user, key) = user(id);
    adapter.set_user(&new_user, Some(&key)).await?;
    adapter.set_session(&session(id, id)).await
}

/// An address moves from a demoted server to one that accepts writes. The old server keeps running: it serves reads,
/// keeps its connections open, and rejects every write.
async fn writes_follow_an_address_to_another_server(kind: Kind) {
    let (old, new) = (kind.server().start().unwrap(), kind.server().start().unwrap());
    for server in [&old, &new] {
        kind.prepare(server.port()).await;
        kind.create_application_user(server.port()).await;
    }
    let proxy = Proxy::start(old.port()).unwrap();
    let url = kind.application_url(proxy.port());
    let sqlx = kind.pool(&url, 8).await.adapter().await.unwrap();
    let diesel = match kind {
        Kind::Postgres => PrismaAdapter::new(pools::postgres(&url).unwrap()).await.unwrap(),
        Kind::MySql => PrismaAdapter::new(pools::mysql(&url).unwrap()).await.unwrap(),
    };
    let adapters = [("sqlx", sqlx), ("diesel", diesel)];
    for (_, adapter) in &adapters {
        open_all_connections(adapter).await;
    }

    kind.set_read_only(old.port(), true).await;
    for (driver, adapter) in &adapters {
        // The connections notice the change one by one.
        let mut round = 0;
        let error = loop {
            round += 1;
            if let Err(error) = sign_up(adapter, &format!("{driver}{round}")).await {
                break error;
            }
        };
        assert_eq!(error.kind(), AdapterErrorKind::Unavailable, "{driver}: {error:?}");
        open_all_connections(adapter).await;
    }

    proxy.set_target(new.port());
    for (driver, adapter) in &adapters {
        for round in 0..20 {
            let id = format!("{driver} after {round}");
            sign_up(adapter, &id).await.unwrap();
            assert!(adapter.get_session(&id.as_str().into()).await.unwrap().is_some(), "{id}");
        }
    }
}

on_each_database!(writes_follow_an_address_to_another_server);

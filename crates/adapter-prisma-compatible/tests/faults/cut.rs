use lucia_core::{SessionAdapter as _, UserAdapter as _};
use test_servers::{Cut, Proxy};

use crate::{
    on_each_database,
    site::{Kind, bounded, session, user},
};

/// More round trips than any call makes, including those of a new connection.
const MOST_ROUND_TRIPS: u64 = 40;

/// The connection is cut before each request and before each response of a sign-up in turn.
async fn a_connection_cut_during_a_sign_up_leaves_no_partial_user(kind: Kind) {
    let server = kind.server().start().unwrap();
    kind.prepare(server.port()).await;
    let proxy = Proxy::start(server.port()).unwrap();
    let adapter = kind.pool(&kind.url(proxy.port()), 1).await.adapter().await.unwrap();
    let (mut cuts, mut whole) = (0, 0);
    for way in [Cut::BeforeRequest, Cut::BeforeReply] {
        for requests in 0..MOST_ROUND_TRIPS {
            let (new_user, key) = user(&format!("{way:?}{requests}"));
            proxy.cut_after(requests, way);
            let result = bounded(adapter.set_user(&new_user, Some(&key))).await;
            let was_cut = !proxy.take_back_cut();
            let found = adapter.get_user(&new_user.id).await.unwrap();
            let found_key = adapter.get_key(&key.id).await.unwrap();
            assert_eq!(found.is_some(), found_key.is_some(), "{new_user:?} was partly created");
            match result {
                Ok(()) => assert!(found.is_some(), "{new_user:?} was lost"),
                Err(_) => assert!(was_cut),
            }
            cuts += u32::from(was_cut);
            whole += u32::from(found.is_some());
            if !was_cut {
                break;
            }
        }
    }
    assert!(cuts >= 2 && whole >= 2, "{cuts} cuts, {whole} users");
}

/// The connection is cut before each request and before each response of a deletion in turn. The deletion can be
/// retried until it succeeds.
async fn a_connection_cut_during_a_deletion_leaves_no_partial_user(kind: Kind) {
    let server = kind.server().start().unwrap();
    kind.prepare(server.port()).await;
    let proxy = Proxy::start(server.port()).unwrap();
    let adapter = kind.pool(&kind.url(proxy.port()), 1).await.adapter().await.unwrap();
    for way in [Cut::BeforeRequest, Cut::BeforeReply] {
        for requests in 0..MOST_ROUND_TRIPS {
            let (new_user, key) = user(&format!("{way:?}{requests}"));
            adapter.set_user(&new_user, Some(&key)).await.unwrap();
            adapter.set_session(&session(new_user.id.as_str(), new_user.id.as_str())).await.unwrap();
            proxy.cut_after(requests, way);
            let result = bounded(adapter.delete_user(&new_user.id)).await;
            let was_cut = !proxy.take_back_cut();
            let parts = [
                adapter.get_user(&new_user.id).await.unwrap().is_some(),
                adapter.get_key(&key.id).await.unwrap().is_some(),
                !adapter.get_sessions_by_user_id(&new_user.id).await.unwrap().is_empty(),
            ];
            assert!(parts == [true; 3] || parts == [false; 3], "{parts:?}");
            assert!(result.is_err() || parts == [false; 3]);
            if !was_cut {
                break;
            }
        }
    }
}

on_each_database!(
    a_connection_cut_during_a_sign_up_leaves_no_partial_user,
    a_connection_cut_during_a_deletion_leaves_no_partial_user,
);

//! The keys of Lucia JS 1.0 beside tokens and counters.

use std::time::Duration;

use adapter_redis::{RedisConfig, RedisSessionAdapter};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter};

use crate::{
    bare_keys,
    place::{Place, assert_kind, session, user},
    seam::{Seam, arm},
};

#[tokio::test]
async fn no_session_has_the_key_of_another_record() {
    let place = Place::new().await;
    bare_keys::no_session_has_the_key_of_another_record(place.connections(), &place.name).await;
}

#[tokio::test]
async fn no_user_has_the_key_of_another_record() {
    let place = Place::new().await;
    bare_keys::no_user_has_the_key_of_another_record(place.connections(), &place.name).await;
}

#[tokio::test]
async fn no_entry_leads_to_another_record() {
    let place = Place::new().await;
    bare_keys::no_entry_leads_to_another_record(place.connections(), &place.name).await;
}

#[tokio::test]
async fn a_stored_session_of_such_a_user_is_an_error() {
    let place = Place::new().await;
    bare_keys::a_stored_session_of_such_a_user_is_an_error(place.connections(), &place.name).await;
}

#[tokio::test]
async fn no_session_has_the_key_of_an_index() {
    let place = Place::new().await;
    bare_keys::no_session_has_the_key_of_an_index(place.connections(), &place.name).await;
}

#[tokio::test]
async fn no_user_has_the_key_of_a_session() {
    let place = Place::new().await;
    bare_keys::no_user_has_the_key_of_a_session(place.connections(), &place.name).await;
}

#[tokio::test]
async fn a_key_that_is_not_an_index_is_no_place_for_a_user() {
    let place = Place::new().await;
    bare_keys::a_key_that_is_not_an_index_is_no_place_for_a_user(place.connections(), &place.name).await;
}

/// The key of a session becomes that of an index before the n-th command of a revocation.
#[tokio::test]
async fn an_index_that_replaces_a_session_is_revoked() {
    for nth in 1..=4 {
        let place = Place::new().await;
        let (connections, config) = (place.connections(), RedisConfig::lucia_1());
        let adapter = RedisSessionAdapter::with_config(connections.clone(), config.clone()).await.unwrap();
        let owner = format!("{}u", place.name);
        let (theirs, new) =
            (session(&owner, &format!("{}v", place.name)), session(&format!("{}new", place.name), &owner));
        adapter.set_session(&theirs).await.unwrap();
        let seam = Seam::before(nth, connections, move || {
            let (adapter, theirs, new) = (adapter.clone(), theirs.clone(), new.clone());
            async move {
                adapter.delete_session(&theirs.id).await.unwrap();
                adapter.set_session(&new).await.unwrap();
            }
        });
        let counter = seam.counter();
        let late = RedisSessionAdapter::with_config(seam, config).await.unwrap();
        arm(&counter);
        late.delete_sessions_by_user_id(&user(&owner)).await.unwrap();
        late.get_sessions_by_user_id(&user(&owner)).await.unwrap();
    }
}

#[cfg(feature = "cluster")]
#[tokio::test]
async fn an_outage_while_the_key_of_a_session_is_read_as_an_index_is_an_outage() {
    for commands in 0..=2 {
        let place = Place::new().await;
        let seam = Seam::dies_after(commands, place.connections());
        let counter = seam.counter();
        let adapter = RedisSessionAdapter::with_config(seam, RedisConfig::lucia_1()).await.unwrap();
        let theirs = session(&format!("{}s", place.name), &format!("{}v", place.name));
        adapter.set_session(&theirs).await.unwrap();
        arm(&counter);
        if let Err(error) = adapter.delete_sessions_by_user_id(&user(theirs.id.as_str())).await {
            assert_eq!(error.kind(), Kind::Unavailable, "after {commands}: {error:?}");
        }
    }
}

/// As deleting a session that does not exist does.
#[tokio::test]
async fn deleting_what_has_the_key_of_an_index_waits_for_replicas() {
    let place = Place::new().await;
    let config = RedisConfig::lucia_1().wait_for_replicas(1, Duration::from_millis(10));
    let adapter = RedisSessionAdapter::with_config(place.connections(), config).await.unwrap();
    let owner = format!("{}u", place.name);
    adapter.set_session(&session(&format!("{}s", place.name), &owner)).await.unwrap();
    for id in [owner, format!("{}absent", place.name)] {
        assert_kind(adapter.delete_session(&id.into()).await, Kind::Unavailable);
    }
}

#[cfg(feature = "cluster")]
mod cluster {
    use adapter_redis::redis::cluster_async::ClusterConnection;

    use crate::{
        bare_keys,
        cluster::{unique, urls},
        place::patiently,
    };

    async fn connect() -> ClusterConnection {
        patiently().connect_cluster(urls()).await.unwrap()
    }

    #[tokio::test]
    async fn no_session_has_the_key_of_another_record() {
        bare_keys::no_session_has_the_key_of_another_record(connect().await, &unique()).await;
    }

    #[tokio::test]
    async fn no_user_has_the_key_of_another_record() {
        bare_keys::no_user_has_the_key_of_another_record(connect().await, &unique()).await;
    }

    #[tokio::test]
    async fn no_entry_leads_to_another_record() {
        bare_keys::no_entry_leads_to_another_record(connect().await, &unique()).await;
    }

    #[tokio::test]
    async fn a_stored_session_of_such_a_user_is_an_error() {
        bare_keys::a_stored_session_of_such_a_user_is_an_error(connect().await, &unique()).await;
    }

    #[tokio::test]
    async fn no_session_has_the_key_of_an_index() {
        bare_keys::no_session_has_the_key_of_an_index(connect().await, &unique()).await;
    }

    #[tokio::test]
    async fn no_user_has_the_key_of_a_session() {
        bare_keys::no_user_has_the_key_of_a_session(connect().await, &unique()).await;
    }

    #[tokio::test]
    async fn a_key_that_is_not_an_index_is_no_place_for_a_user() {
        bare_keys::a_key_that_is_not_an_index_is_no_place_for_a_user(connect().await, &unique()).await;
    }
}

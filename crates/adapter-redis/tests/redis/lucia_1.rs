//! The keys of Lucia JS 1.0 beside tokens and counters.

use std::time::Duration;

use adapter_redis::{RedisConfig, RedisSessionAdapter};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter};

use crate::{
    bare_keys,
    place::{Place, assert_kind, session},
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

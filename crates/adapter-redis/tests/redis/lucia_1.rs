//! The keys of Lucia JS 1.0 beside tokens and counters.

use crate::{bare_keys, place::Place};

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
}

//! Conditional writes on each service.

use std::time::Duration;

use adapter_object_store::{ObjectKvConfig, ObjectKvStore};
use lucia_core::{
    UnixMillis,
    kv::{
        KvCondition::{self, Absent, Version},
        KvStore as _,
    },
};

use crate::support::Service;

const PARALLEL: usize = 20;

/// Returns how many of many parallel writes were executed.
async fn winners(store: &ObjectKvStore, key: &str, condition: &KvCondition) -> usize {
    let writes = (0..PARALLEL).map(|number| {
        let (store, key, condition) = (store.clone(), key.to_owned(), condition.clone());
        tokio::spawn(async move {
            store.put_if(&key, format!("{condition:?} {number}").as_bytes(), UnixMillis::MAX, &condition).await.unwrap()
        })
    });
    let mut winners = 0;
    for write in writes.collect::<Vec<_>>() {
        winners += usize::from(write.await.unwrap());
    }
    winners
}

async fn one_of_many_wins(service: Service) {
    let server = service.start();
    let config = ObjectKvConfig::new().attempt_timeout(Duration::from_secs(30)).timeout(Duration::from_secs(60));
    let store = ObjectKvStore::with_config(service.bucket(server.port()), config).await.unwrap();
    for key in ["session:s1", "session:s2", "session:s3"] {
        assert_eq!(winners(&store, key, &Absent).await, 1);
        let (_, version) = store.get_versioned(key).await.unwrap().unwrap();
        assert_eq!(winners(&store, key, &Version(version.clone())).await, 1);
        assert_eq!(winners(&store, key, &Version(version)).await, 0);

        let (_, version) = store.get_versioned(key).await.unwrap().unwrap();
        store.delete(key).await.unwrap();
        assert_eq!(winners(&store, key, &Version(version)).await, 0, "an update recreates nothing");
        assert_eq!(store.get_versioned(key).await.unwrap(), None);
        assert_eq!(winners(&store, key, &Absent).await, 1, "a deleted key is absent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_parallel_writes_wins_on_seaweedfs() {
    one_of_many_wins(Service::SeaweedFs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_parallel_writes_wins_on_azurite() {
    one_of_many_wins(Service::Azurite).await;
}

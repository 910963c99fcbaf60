//! The names of objects.

use adapter_object_store::{KvSessionAdapter, ObjectKvConfig, ObjectKvStore};
use lucia_core::{
    AdapterErrorKind as Kind, SessionAdapter as _, SessionSchema, SessionUpdate, UnixMillis, UserId,
    kv::{KvCondition::Absent, KvStore as _},
};

use crate::support::Service;

async fn store(service: Service, port: u16, max_segment_length: usize) -> ObjectKvStore {
    let config = ObjectKvConfig::new().max_segment_length(max_segment_length);
    ObjectKvStore::with_config(service.bucket(port), config).await.unwrap()
}

/// A file system limits names to 255 bytes, S3 and Azure to 1,024.
#[tokio::test(flavor = "multi_thread")]
async fn ids_that_are_too_long_are_unsupported() {
    for (service, takes_long_names) in [(Service::SeaweedFs, false), (Service::Azurite, true)] {
        let server = service.start();
        let port = server.port();
        let (session, user) = ("s".repeat(300), "u".repeat(300));
        let long = SessionSchema::new(session.as_str(), user.as_str(), UnixMillis::MAX, UnixMillis::MAX);

        let adapter = KvSessionAdapter::new(store(service, port, 255).await);
        let refused = adapter.set_session(&long).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::UnsupportedId, "{service:?}");
        assert_eq!(adapter.get_session(&long.id).await.unwrap(), None);
        adapter.delete_session(&long.id).await.unwrap();
        adapter.delete_sessions_by_user_id(&UserId::new(user)).await.unwrap();
        let longest = SessionSchema::new("s".repeat(255), "u".repeat(255), UnixMillis::MAX, UnixMillis::MAX);
        adapter.set_session(&longest).await.unwrap();
        assert_eq!(adapter.get_session(&longest.id).await.unwrap().as_ref(), Some(&longest));
        adapter.delete_sessions_by_user_id(&longest.user_id).await.unwrap();

        let store = store(service, port, 1_000).await;
        let key = format!("session:{session}");
        let created = store.put_if(&key, b"{}", UnixMillis::MAX, &Absent).await;
        match created {
            Ok(created) => assert!(created && takes_long_names, "{service:?}"),
            Err(error) => assert!(error.kind() == Kind::UnsupportedId && !takes_long_names, "{service:?} {error:?}"),
        }
        let error = store.put(&"k".repeat(1_025), b"{}", UnixMillis::MAX).await.unwrap_err();
        assert_eq!(error.kind(), Kind::UnsupportedId);
    }
}

/// The limit was higher when the session was created.
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_hides_no_session_that_exists() {
    for (service, longest) in [(Service::SeaweedFs, 200), (Service::Azurite, 300)] {
        let server = service.start();
        let wide = KvSessionAdapter::new(store(service, server.port(), 400).await);
        let narrow = KvSessionAdapter::new(store(service, server.port(), 100).await);
        let user = UserId::new("u".repeat(longest));
        let session = |name: &str| {
            let id = format!("{name}{}", "s".repeat(longest - name.len()));
            SessionSchema::new(id, user.clone(), UnixMillis::MAX, UnixMillis::MAX)
        };
        let [renewed, deleted, revoked] = ["renewed", "deleted", "revoked"].map(session);
        for session in [&renewed, &deleted, &revoked] {
            wide.set_session(session).await.unwrap();
            assert_eq!(narrow.get_session(&session.id).await.unwrap().as_ref(), Some(session), "{service:?}");
        }
        let refused = narrow.set_session(&session("new")).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::UnsupportedId, "{service:?}");
        assert_eq!(narrow.get_sessions_by_user_id(&user).await.unwrap().len(), 3);
        let renewal = SessionUpdate::renewal(UnixMillis::new(2_000_000_000_000), UnixMillis::new(2_000_000_000_000));
        narrow.update_session(&renewed.id, &renewal).await.unwrap();
        narrow.delete_session(&deleted.id).await.unwrap();
        assert_eq!(wide.get_sessions_by_user_id(&user).await.unwrap().len(), 2);
        narrow.delete_sessions_by_user_id(&user).await.unwrap();
        assert!(wide.get_sessions_by_user_id(&user).await.unwrap().is_empty(), "{service:?}");
        for session in [&renewed, &deleted, &revoked] {
            assert_eq!(wide.get_session(&session.id).await.unwrap(), None, "{service:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_may_end_within_a_segment() {
    let server = Service::SeaweedFs.start();
    let store = store(Service::SeaweedFs, server.port(), 255).await;
    for key in ["u:a1", "u:a2", "u:b1", "u:a:c", "ua:1"] {
        store.put(key, b"1", UnixMillis::MAX).await.unwrap();
    }
    for (prefix, expected) in [("u:a", &["u:a1", "u:a2", "u:a:c"][..]), ("u:a:", &["u:a:c"]), ("ua", &["ua:1"])] {
        let mut keys = store.list(prefix, None).await.unwrap().keys;
        keys.sort();
        assert_eq!(keys, expected, "{prefix}");
    }
    assert_eq!(store.list("", None).await.unwrap().keys.len(), 5);
}

/// An id whose object would be a folder of others.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_not_a_key() {
    for service in [Service::SeaweedFs, Service::Azurite] {
        let server = service.start();
        let store = store(service, server.port(), 255).await;
        store.put("user_session:u1:s1", b"1", UnixMillis::MAX).await.unwrap();
        assert_eq!(store.get("user_session:u1").await.unwrap(), None, "{service:?}");
        store.delete("user_session:u1").await.unwrap();
        store.delete("user_session:u1:s1").await.unwrap();
        assert!(store.list("user_session:", None).await.unwrap().keys.is_empty());
    }
}

//! Tests with stores that return wrong listings and values.

use std::{
    error::Error as _,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};

use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, SessionAdapter, SessionUpdate, UnixMillis, async_trait,
    kv::{KvPage, KvStore, MemoryKvStore},
};

use crate::{adapter, ids, layout, memory, session};

/// The fault of a store's listings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listing {
    ForeignKeys,
    Duplicates,
    EmptyPages,
    TheSamePage,
    FewerValues,
    /// Names two lists of Lucia JS that were deleted.
    DeletedLists,
    /// Names another missing list each time.
    ChangingLists,
}

#[derive(Debug)]
struct HostileStore {
    inner: MemoryKvStore,
    listing: Listing,
    listings: AtomicUsize,
}

#[async_trait]
impl KvStore for HostileStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        self.inner.get(key).await
    }

    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        let mut values = self.inner.get_many(keys).await?;
        if self.listing == Listing::FewerValues {
            values.pop();
        }
        Ok(values)
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.inner.put(key, value, expires).await
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.inner.delete(key).await
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        let mut page = self.inner.list(prefix, None).await?;
        match (self.listing, cursor) {
            (Listing::ForeignKeys, _) => {
                let foreign =
                    ["user_session:u2:theirs", "user_session:u1:a:b", "user_session:u1:~zz", "session:s1", ""];
                page.keys.extend(foreign.map(str::to_owned));
            }
            (Listing::Duplicates, _) => page.keys.extend(page.keys.clone()),
            (Listing::EmptyPages, None) => return Ok(KvPage { keys: Vec::new(), cursor: Some("1".to_owned()) }),
            (Listing::EmptyPages, Some("1")) => page.cursor = Some("2".to_owned()),
            (Listing::EmptyPages, Some(_)) => page.keys.clear(),
            (Listing::TheSamePage, _) => page.cursor = Some("again".to_owned()),
            (Listing::DeletedLists, _) => {
                let gone = ["user_session:u1:1700000000000", "user_session:u1:1700000000001"];
                page.keys.extend(gone.map(str::to_owned));
            }
            (Listing::ChangingLists, _) => {
                let nth = self.listings.fetch_add(1, SeqCst);
                page.keys.push(format!("user_session:u1:{}", 1_700_000_000_000 + nth));
            }
            (Listing::FewerValues, _) => {}
        }
        Ok(page)
    }
}

async fn listing(listing: Listing) -> (MemoryKvStore, lucia_core::kv::KvSessionAdapter<HostileStore>) {
    let inner = memory();
    let before = adapter(inner.clone());
    before.set_session(&session("s1", "u1")).await.unwrap();
    before.set_session(&session("theirs", "u2")).await.unwrap();
    (inner.clone(), adapter(HostileStore { inner, listing, listings: AtomicUsize::new(0) }))
}

#[tokio::test]
async fn foreign_keys_duplicates_and_empty_pages_change_nothing() {
    for how in [Listing::ForeignKeys, Listing::Duplicates, Listing::EmptyPages] {
        let (_, adapter) = listing(how).await;
        assert_eq!(ids(&adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap()), ["s1"], "{how:?}");
        adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
        assert_eq!(adapter.get_session(&"s1".into()).await.unwrap(), None, "{how:?}");
        assert!(adapter.get_session(&"theirs".into()).await.unwrap().is_some(), "{how:?}");
    }
}

/// The store lists a key for a while after its deletion.
#[tokio::test]
async fn a_listing_of_deleted_lists_does_not_stop_a_revocation_of_all() {
    let (inner, adapter) = listing(Listing::DeletedLists).await;
    inner.put("user_session:u1:1700000000000", br#"["s1"]"#, UnixMillis::MAX).await.unwrap();
    for _ in 0..2 {
        adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap();
        assert_eq!(adapter.get_session(&"s1".into()).await.unwrap(), None);
    }
}

/// Lists that are replaced all the time are not taken for a concurrent revocation.
#[tokio::test]
async fn lists_that_keep_changing_fail_a_revocation_and_are_named() {
    let (_, adapter) = listing(Listing::ChangingLists).await;
    let error = adapter.delete_sessions_by_user_id(&"u1".into()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    let source = error.source().unwrap().to_string();
    assert!(source.contains("lists of the user's sessions") && !source.contains("other revocations"), "{source}");
    assert_eq!(adapter.get_session(&"s1".into()).await.unwrap(), None, "the session is revoked nevertheless");
}

#[tokio::test]
async fn endless_lists_and_missing_values_are_errors_that_change_nothing() {
    for how in [Listing::TheSamePage, Listing::FewerValues] {
        let (inner, adapter) = listing(how).await;
        let listed = adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap_err();
        assert_eq!(listed.kind(), Kind::Backend, "{how:?}");
        assert!(adapter.delete_sessions_by_user_id(&"u1".into()).await.is_err(), "{how:?}");
        assert!(inner.get(&layout().session_key(&"s1".into())).await.unwrap().is_some());
    }
}

/// A failed read of a tombstone does not mean that there is none.
#[tokio::test]
async fn a_rotation_that_cannot_read_the_tombstone_fails() {
    let (_, adapter) = listing(Listing::FewerValues).await;
    let rotated = adapter.rotate_session(&"s1".into(), &"s2".into(), &SessionUpdate::default()).await;
    assert_eq!(rotated.unwrap_err().kind(), Kind::Backend);
    assert_eq!(adapter.get_session(&"s2".into()).await.unwrap(), None);
    assert!(adapter.get_session(&"s1".into()).await.unwrap().is_some());
}

/// Otherwise the value would sign in the user of the other session.
#[tokio::test]
async fn a_session_under_the_key_of_another_is_ignored() {
    let store = memory();
    let adapter = adapter(store.clone());
    let session = session("s1", "u1");
    adapter.set_session(&session).await.unwrap();
    store.put("session:s2", session.to_json().as_bytes(), UnixMillis::MAX).await.unwrap();
    assert_eq!(adapter.get_session(&"s2".into()).await.unwrap_err().kind(), Kind::Decode);
    adapter.delete_session(&"s2".into()).await.unwrap();
    assert_eq!(adapter.get_session(&session.id).await.unwrap(), Some(session));
}

#[tokio::test]
async fn neither_debug_nor_errors_contain_ids() {
    let store = memory();
    let adapter = adapter(store.clone());
    adapter.set_session(&session("hunter2", "u1")).await.unwrap();
    store.put("session:hunter2", b"{\"id\":\"hunter2", UnixMillis::MAX).await.unwrap();
    let error = adapter.get_session(&"hunter2".into()).await.unwrap_err();
    assert!(!format!("{adapter:?} {error} {error:?}").contains("hunter2"));
}

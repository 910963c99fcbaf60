//! Smart pointers forward every method of [`TokenAdapter`] and [`SessionScan`], and [`SplitAdapter`] those of the latter.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{
    collections::BTreeSet,
    ops::Deref,
    sync::{Arc, Mutex},
    time::Duration,
};

use lucia_core::{
    AdapterResult, Count, SessionAdapter, SessionId, SessionPage, SessionScan, SessionSchema, SessionUpdate,
    SplitAdapter, TokenAdapter, TokenId, TokenKind, TokenSchema, UnixMillis, UserId, async_trait,
    memory::MemoryAdapter,
};

const KIND: TokenKind = TokenKind::from_static("kind");

/// Records which methods are called. It derefs to an adapter, to show that a wrapper calls the recorder and not what it
/// derefs to.
#[derive(Debug, Default)]
struct Recorder {
    calls: Arc<Mutex<BTreeSet<&'static str>>>,
    inner: MemoryAdapter,
}

impl Deref for Recorder {
    type Target = MemoryAdapter;

    fn deref(&self) -> &MemoryAdapter {
        &self.inner
    }
}

impl Recorder {
    fn record<T>(&self, method: &'static str, result: T) -> AdapterResult<T> {
        self.calls.lock().unwrap().insert(method);
        Ok(result)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods, reason = "a method that is not recorded is not tested")]
impl TokenAdapter for Recorder {
    async fn get_token(&self, _: &TokenKind, _: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        self.record("get_token", None)
    }
    async fn set_token(&self, _: &TokenSchema) -> AdapterResult<()> {
        self.record("set_token", ())
    }
    async fn take_token(&self, _: &TokenKind, _: &TokenId) -> AdapterResult<Option<TokenSchema>> {
        self.record("take_token", None)
    }
    async fn delete_tokens(&self, _: Option<&TokenKind>, _: &UserId) -> AdapterResult<()> {
        self.record("delete_tokens", ())
    }
    async fn add_to_counter(&self, _: &str, _: i64, _: Duration, now: UnixMillis) -> AdapterResult<Count> {
        self.record("add_to_counter", Count { value: 0, expires: now })
    }
    async fn delete_expired_tokens(&self, _: UnixMillis, _: usize) -> AdapterResult<usize> {
        self.record("delete_expired_tokens", 0)
    }
}

#[async_trait]
impl SessionScan for Recorder {
    async fn scan_sessions(&self, _: Option<&str>, _: usize) -> AdapterResult<SessionPage> {
        self.record("scan_sessions", SessionPage::default())
    }
}

/// What [`SessionScan`] requires.
#[async_trait]
impl SessionAdapter for Recorder {
    async fn get_session(&self, id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.inner.get_session(id).await
    }
    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.inner.get_sessions_by_user_id(user_id).await
    }
    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.inner.set_session(session).await
    }
    async fn update_session(&self, id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.inner.update_session(id, update).await
    }
    async fn delete_session(&self, id: &SessionId) -> AdapterResult<()> {
        self.inner.delete_session(id).await
    }
    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.inner.delete_sessions_by_user_id(user_id).await
    }
    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.inner.delete_expired_sessions(now, limit).await
    }
}

/// Returns the methods of a trait, from its source: the tests fail for a new one that they do not call.
fn methods(source: &'static str) -> BTreeSet<&'static str> {
    let signatures = source.lines().filter_map(|line| line.strip_prefix("    async fn "));
    signatures.map(|signature| signature.split_once('(').unwrap().0).collect()
}

const TOKEN: &str = include_str!("../src/adapter/token.rs");
const SCAN: &str = include_str!("../src/adapter/scan.rs");

async fn assert_forwards_tokens<A: TokenAdapter>(wrap: impl FnOnce(Recorder) -> A) {
    let recorder = Recorder::default();
    let calls = Arc::clone(&recorder.calls);
    let adapter = wrap(recorder);
    let token = TokenSchema::new("t1", KIND, UnixMillis::MAX);
    adapter.get_token(&KIND, &token.id).await.unwrap();
    adapter.set_token(&token).await.unwrap();
    adapter.take_token(&KIND, &token.id).await.unwrap();
    adapter.delete_tokens(Some(&KIND), &"u1".into()).await.unwrap();
    adapter.add_to_counter("c1", 1, Duration::ZERO, UnixMillis::EPOCH).await.unwrap();
    adapter.delete_expired_tokens(UnixMillis::MAX, 1).await.unwrap();
    assert_eq!(*calls.lock().unwrap(), methods(TOKEN), "{}", std::any::type_name::<A>());
}

async fn assert_forwards_scans<A: SessionScan>(wrap: impl FnOnce(Recorder) -> A) {
    let recorder = Recorder::default();
    let calls = Arc::clone(&recorder.calls);
    wrap(recorder).scan_sessions(None, 1).await.unwrap();
    assert_eq!(*calls.lock().unwrap(), methods(SCAN), "{}", std::any::type_name::<A>());
}

#[tokio::test]
async fn pointers_forward_every_method_of_tokens() {
    assert_forwards_tokens(|recorder| recorder).await;
    assert_forwards_tokens(Arc::new).await;
    assert_forwards_tokens(Box::new).await;
    assert_forwards_tokens(|recorder| -> &'static Recorder { Box::leak(Box::new(recorder)) }).await;
    assert_forwards_tokens(|recorder| -> Arc<dyn TokenAdapter> { Arc::new(recorder) }).await;
    assert_forwards_tokens(|recorder| -> Box<dyn TokenAdapter> { Box::new(recorder) }).await;
}

#[tokio::test]
async fn wrappers_forward_every_method_of_scans() {
    assert_forwards_scans(|recorder| recorder).await;
    assert_forwards_scans(Arc::new).await;
    assert_forwards_scans(Box::new).await;
    assert_forwards_scans(|recorder| -> &'static Recorder { Box::leak(Box::new(recorder)) }).await;
    assert_forwards_scans(|recorder| -> Arc<dyn SessionScan> { Arc::new(recorder) }).await;
    assert_forwards_scans(|recorder| SplitAdapter::new(MemoryAdapter::new(), recorder)).await;
}

//! Smart pointers forward every method of [`TokenAdapter`] and [`SessionScan`], and [`SplitAdapter`] those of the latter.

use std::{sync::Arc, time::Duration};

use lucia_core::{
    AdapterResult, Count, SessionPage, SessionScan, SplitAdapter, TokenAdapter, TokenId, TokenKind, TokenSchema,
    UnixMillis, UserId, async_trait, memory::MemoryAdapter,
};

use super::{Recorder, methods};

const KIND: TokenKind = TokenKind::from_static("kind");

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

const TOKEN: &str = include_str!("../../src/adapter/token.rs");
const SCAN: &str = include_str!("../../src/adapter/scan.rs");

async fn assert_forwards_tokens<A: TokenAdapter>(wrap: impl FnOnce(Recorder) -> A) {
    let (recorder, calls) = Recorder::new();
    let adapter = wrap(recorder);
    let token = TokenSchema::new("t1", KIND, UnixMillis::MAX);
    adapter.get_token(&KIND, &token.id).await.unwrap();
    adapter.set_token(&token).await.unwrap();
    adapter.take_token(&KIND, &token.id).await.unwrap();
    adapter.delete_tokens(Some(&KIND), &"u1".into()).await.unwrap();
    adapter.add_to_counter("c1", 1, Duration::ZERO, UnixMillis::EPOCH).await.unwrap();
    adapter.delete_expired_tokens(UnixMillis::MAX, 1).await.unwrap();
    assert_eq!(*calls.lock().unwrap(), methods(TOKEN).collect(), "{}", std::any::type_name::<A>());
}

async fn assert_forwards_scans<A: SessionScan>(wrap: impl FnOnce(Recorder) -> A) {
    let (recorder, calls) = Recorder::new();
    wrap(recorder).scan_sessions(None, 1).await.unwrap();
    assert_eq!(*calls.lock().unwrap(), methods(SCAN).collect(), "{}", std::any::type_name::<A>());
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

use std::{sync::Arc, time::Duration};

use axum::{Router, body::Body};
use http::{Request, Response, header, request::Builder};
use lucia::{
    AdapterError, AdapterErrorKind, Auth, ManualClock, NewSession, NewUser, SessionAdapter, SessionId, SplitAdapter,
    UnixMillis, UserId,
    lucia_core::{AdapterResult, SessionSchema, SessionUpdate, async_trait},
    memory::MemoryAdapter,
};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tower::ServiceExt as _;

pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// Sessions in memory, of which the reads are counted, and which cannot be reached on demand.
#[derive(Debug)]
pub(crate) struct Sessions {
    memory: MemoryAdapter,
    reads: AtomicUsize,
    down: AtomicBool,
}

impl Sessions {
    pub(crate) fn take_reads(&self) -> usize {
        self.reads.swap(0, Ordering::SeqCst)
    }

    pub(crate) fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }
}

#[async_trait]
impl SessionAdapter for Sessions {
    async fn get_session(&self, session_id: &SessionId) -> AdapterResult<Option<SessionSchema>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.down.load(Ordering::SeqCst) {
            return Err(AdapterError::new(AdapterErrorKind::Unavailable, "get_session"));
        }
        self.memory.get_session(session_id).await
    }
    async fn get_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<Vec<SessionSchema>> {
        self.memory.get_sessions_by_user_id(user_id).await
    }
    async fn set_session(&self, session: &SessionSchema) -> AdapterResult<()> {
        self.memory.set_session(session).await
    }
    async fn update_session(&self, session_id: &SessionId, update: &SessionUpdate) -> AdapterResult<()> {
        self.memory.update_session(session_id, update).await
    }
    async fn delete_session(&self, session_id: &SessionId) -> AdapterResult<()> {
        self.memory.delete_session(session_id).await
    }
    async fn delete_sessions_by_user_id(&self, user_id: &UserId) -> AdapterResult<()> {
        self.memory.delete_sessions_by_user_id(user_id).await
    }
    async fn delete_expired_sessions(&self, now: UnixMillis, limit: usize) -> AdapterResult<usize> {
        self.memory.delete_expired_sessions(now, limit).await
    }
}

/// An `Auth` with one session, and what a test turns.
pub(crate) struct World {
    pub(crate) auth: Auth,
    pub(crate) session: lucia::Session,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) clock: Arc<ManualClock>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let memory = MemoryAdapter::without_foreign_keys();
        let sessions = Arc::new(Sessions { memory, reads: AtomicUsize::new(0), down: AtomicBool::new(false) });
        let clock = Arc::new(ManualClock::new(UnixMillis::new(1_700_000_000_000)));
        let adapter = SplitAdapter::new(MemoryAdapter::new(), Arc::clone(&sessions));
        let auth = Auth::builder(adapter).clock(Arc::clone(&clock)).build().unwrap();
        let user = auth.create_user(NewUser::new().id("ada")).await.unwrap();
        let session = auth.create_session(NewSession::new(user.user_id)).await.unwrap();
        Self { auth, session, sessions, clock }
    }

    /// A request of this session's client.
    pub(crate) fn request(&self, method: &str, path: &str) -> Builder {
        let cookie = format!("theme=dark; auth_session={}", self.session.session_id.as_str());
        Request::builder().method(method).uri(path).header("host", "example.com").header(header::COOKIE, cookie)
    }

    pub(crate) fn bearer(&self, method: &str, path: &str) -> Builder {
        let token = format!("Bearer {}", self.session.session_id.as_str());
        Request::builder().method(method).uri(path).header("host", "example.com").header(header::AUTHORIZATION, token)
    }
}

pub(crate) async fn send(app: &Router, request: Builder) -> Response<Body> {
    app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

pub(crate) async fn text(response: Response<Body>) -> String {
    String::from_utf8(axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap().to_vec()).unwrap()
}

pub(crate) fn set_cookies(response: &Response<Body>) -> Vec<&str> {
    response.headers().get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
}

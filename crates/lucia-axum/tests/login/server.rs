use std::{net::SocketAddr, sync::Arc};

use axum::Router;
use lucia_auth::{Adapter, Clock as _, Env, ManualClock, SplitAdapter, lucia_core::SystemClock};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{app, sessions::Sessions};

/// The application on a free port, with a temporary database. It stops when this is dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) router: Router,
    /// The clock of the application.
    pub(crate) clock: Arc<ManualClock>,
    task: JoinHandle<()>,
    _folder: TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let adapter = app::open_store(&database(&folder)).await.unwrap();
        Self::serve(adapter, folder).await
    }

    /// Starts the application with sessions in a store that can be made unavailable.
    pub(crate) async fn start_with_sessions(sessions: Arc<Sessions>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let users = app::open_store(&database(&folder)).await.unwrap();
        Self::serve(SplitAdapter::new(users, sessions), folder).await
    }

    async fn serve(adapter: impl Adapter, folder: TempDir) -> Self {
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let auth = app::auth(adapter).env(Env::Dev).clock(Arc::clone(&clock)).build().unwrap();
        let router = app::router(auth);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = router.clone().into_make_service_with_connect_info::<SocketAddr>();
        let task = tokio::spawn(async move { axum::serve(listener, served).await.unwrap() });
        Self { url, router, clock, task, _folder: folder }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn database(folder: &TempDir) -> String {
    format!("sqlite://{}/login.db", folder.path().display())
}

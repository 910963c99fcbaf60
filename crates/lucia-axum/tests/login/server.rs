use std::{net::SocketAddr, sync::Arc};

use adapter_prisma_compatible::{PrismaTokenAdapter, RusqlitePool};
use axum::Router;
use lucia_auth::{
    Adapter, Clock as _, ManualClock, SplitAdapter, ThrottleKey,
    lucia_core::{SystemClock, TokenAdapter},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    app::{self, AppAuth, AppTokens, Links, Mailer, Store},
    sessions::Sessions,
};

/// The application on a free port, with a temporary database. It stops when this is dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) router: Router,
    pub(crate) auth: AppAuth,
    /// The clock of the application.
    pub(crate) clock: Arc<ManualClock>,
    pool: RusqlitePool,
    task: JoinHandle<()>,
    folder: TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with_mailer(Mailer::outbox()).await
    }

    pub(crate) async fn start_with_mailer(mailer: Mailer) -> Self {
        let (store, folder) = store().await;
        Self::serve(store.pool, store.accounts, store.tokens.clone(), store.tokens, mailer, folder).await
    }

    /// Starts the application with sessions in a store that can be made unavailable.
    pub(crate) async fn start_with_sessions(sessions: Arc<Sessions>) -> Self {
        let (store, folder) = store().await;
        let accounts = SplitAdapter::new(store.accounts, sessions);
        Self::serve(store.pool, accounts, store.tokens.clone(), store.tokens, Mailer::outbox(), folder).await
    }

    /// Starts the application with one-time tokens in another store.
    pub(crate) async fn start_with_tokens(tokens: impl TokenAdapter) -> Self {
        let (store, folder) = store().await;
        Self::serve(store.pool, store.accounts, store.tokens, tokens, Mailer::outbox(), folder).await
    }

    async fn serve(
        pool: RusqlitePool,
        accounts: impl Adapter,
        counters: PrismaTokenAdapter,
        tokens: impl TokenAdapter,
        mailer: Mailer,
        folder: TempDir,
    ) -> Self {
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let origin = url.parse().unwrap();
        let key = ThrottleKey::generate().unwrap();
        let auth = app::auth(accounts, counters, key, &origin).clock(Arc::clone(&clock)).build().unwrap();
        let tokens = AppTokens::new(auth.clone(), tokens);
        let router = app::router(auth.clone(), Links::new(auth.clone(), tokens, mailer, origin));
        let served = router.clone().into_make_service_with_connect_info::<SocketAddr>();
        let task = tokio::spawn(async move { axum::serve(listener, served).await.unwrap() });
        Self { url, router, auth, clock, pool, task, folder }
    }

    /// Returns the number of one-time tokens in the database.
    pub(crate) async fn stored_tokens(&self) -> i64 {
        let sql = "SELECT count(*) FROM Token WHERE kind <> ':counter'";
        self.pool.read(move |connection| connection.query_row(sql, (), |row| row.get(0))).await.unwrap()
    }

    /// Returns the bytes of the database, with those that are not yet in its main file.
    pub(crate) fn stored_bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn store() -> (Store, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/login.db?mode=rwc", folder.path().display());
    (app::open_store(&url).await.unwrap(), folder)
}

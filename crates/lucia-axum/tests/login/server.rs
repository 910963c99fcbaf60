use std::{net::SocketAddr, sync::Arc};

use adapter_prisma_compatible::{PrismaAdapter, PrismaTokenAdapter, RusqlitePool};
use axum::Router;
use lucia_auth::{
    Adapter, Argon2id, Clock as _, ManualClock, PasswordHasher, SplitAdapter, ThrottleKey,
    lucia_core::{SystemClock, TokenAdapter},
};
use lucia_axum::AuthLayer;
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
    pub(crate) links: Links,
    database: Database,
    task: JoinHandle<()>,
}

/// A database in a temporary folder.
struct Database {
    pool: RusqlitePool,
    folder: TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with_mailer(Mailer::outbox()).await
    }

    pub(crate) async fn start_with_mailer(mailer: Mailer) -> Self {
        let (database, accounts, tokens) = open().await;
        Self::serve(database, accounts, tokens.clone(), tokens, mailer, Argon2id::default()).await
    }

    pub(crate) async fn start_with_hasher(hasher: impl PasswordHasher) -> Self {
        let (database, accounts, tokens) = open().await;
        Self::serve(database, accounts, tokens.clone(), tokens, Mailer::outbox(), hasher).await
    }

    /// Starts the application with sessions in a store that can be made unavailable.
    pub(crate) async fn start_with_sessions(sessions: Arc<Sessions>) -> Self {
        let (database, accounts, tokens) = open().await;
        let accounts = SplitAdapter::new(accounts, sessions);
        Self::serve(database, accounts, tokens.clone(), tokens, Mailer::outbox(), Argon2id::default()).await
    }

    /// Starts the application with one-time tokens in another store.
    pub(crate) async fn start_with_tokens(tokens: impl TokenAdapter) -> Self {
        let (database, accounts, counters) = open().await;
        Self::serve(database, accounts, counters, tokens, Mailer::outbox(), Argon2id::default()).await
    }

    async fn serve(
        database: Database,
        accounts: impl Adapter,
        counters: PrismaTokenAdapter,
        tokens: impl TokenAdapter,
        mailer: Mailer,
        hasher: impl PasswordHasher,
    ) -> Self {
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let origin = url.parse().unwrap();
        let key = ThrottleKey::generate().unwrap();
        let builder = app::auth(accounts, counters, key, None).clock(Arc::clone(&clock));
        let auth = builder.password_hash(hasher).build().unwrap();
        let tokens = AppTokens::new(auth.clone(), tokens);
        let links = Links::new(auth.clone(), tokens, mailer, origin);
        let router = app::router(AuthLayer::new(auth.clone()), links.clone());
        let served = router.clone().into_make_service_with_connect_info::<SocketAddr>();
        let task = tokio::spawn(async move { axum::serve(listener, served).await.unwrap() });
        Self { url, router, auth, clock, links, database, task }
    }

    /// Returns the number of one-time tokens in the database.
    pub(crate) async fn stored_tokens(&self) -> i64 {
        let sql = "SELECT count(*) FROM Token WHERE kind <> ':counter'";
        self.database.pool.read(move |connection| connection.query_row(sql, (), |row| row.get(0))).await.unwrap()
    }

    /// Runs statements on the database.
    pub(crate) async fn execute(&self, sql: &'static str) {
        self.database.pool.write(|connection| connection.execute_batch(sql)).await.unwrap();
    }

    /// Returns the bytes of the database, with those that are not yet in its main file.
    pub(crate) fn stored_bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.database.folder.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn open() -> (Database, PrismaAdapter, PrismaTokenAdapter) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/login.db?mode=rwc", folder.path().display());
    let Store { pool, accounts, tokens } = app::open_store(&url).await.unwrap();
    (Database { pool, folder }, accounts, tokens)
}

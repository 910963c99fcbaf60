//! A pool on a file that nothing else has open, and ways to keep its connections busy.

use std::{
    error::Error as _,
    future::Future,
    path::{Path, PathBuf},
    sync::mpsc::{Sender, channel},
};

use adapter_prisma_compatible::{
    NoConnection, PrismaAdapter, PrismaConfig, PrismaTokenAdapter, RusqlitePool, Table,
    rusqlite::{Connection, Error, Result},
};
use lucia_core::UserAdapter as _;
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::support;

/// An application with users, keys, sessions and tokens.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) pool: RusqlitePool,
    pub(crate) adapter: PrismaAdapter,
    pub(crate) tokens: PrismaTokenAdapter,
    folder: TempDir,
}

impl App {
    pub(crate) async fn create() -> Self {
        Self::with("", |_| Ok(())).await
    }

    /// Creates a database with these parameters of the URL, and this setup of connections.
    pub(crate) async fn with(
        parameters: &str,
        setup: impl Fn(&Connection) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("file:{}?mode=rwc&{parameters}", path(&folder).display());
        let pool = RusqlitePool::connect_with(&url, setup).await.unwrap();
        config().create_tables(&pool).await.unwrap();
        let (adapter, tokens) = adapters(&pool).await;
        Self { pool, adapter, tokens, folder }
    }

    pub(crate) fn path(&self) -> PathBuf {
        path(&self.folder)
    }

    /// Opens a connection of another program.
    pub(crate) fn connection(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    pub(crate) fn count(&self, table: &str) -> i64 {
        count(&self.connection(), table)
    }
}

/// Asserts that the user `u1` is stored as it was written.
pub(crate) async fn assert_u1(adapter: &PrismaAdapter, message: &str) {
    let u1 = adapter.get_user(&"u1".into()).await.unwrap().expect(message);
    assert_eq!(u1.attributes().get("username").unwrap(), "name of u1", "{message}");
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("test.db")
}

pub(crate) fn config() -> PrismaConfig {
    support::config().token(Table::named("Token"))
}

/// Opens a pool for a file, with adapters.
pub(crate) async fn open(path: &Path) -> (RusqlitePool, PrismaAdapter, PrismaTokenAdapter) {
    let pool = RusqlitePool::connect(&format!("file:{}", path.display())).await.unwrap();
    let (adapter, tokens) = adapters(&pool).await;
    (pool, adapter, tokens)
}

async fn adapters(pool: &RusqlitePool) -> (PrismaAdapter, PrismaTokenAdapter) {
    let adapter = PrismaAdapter::with_config(pool.clone(), config()).await.unwrap();
    (adapter, PrismaTokenAdapter::with_config(pool.clone(), config()).await.unwrap())
}

pub(crate) fn count(connection: &Connection, table: &str) -> i64 {
    connection.query_row(&format!("SELECT count(*) FROM \"{table}\""), (), |row| row.get(0)).unwrap()
}

/// Returns the reason why the pool has no connection.
pub(crate) fn reason(error: &Error) -> Option<&NoConnection> {
    error.source()?.downcast_ref()
}

/// Keeps the writer busy until the returned value is dropped.
pub(crate) async fn hold_writer(pool: &RusqlitePool) -> Sender<()> {
    let (pool, (held, wait, entered)) = (pool.clone(), gate());
    // An error is rolled back, so that this commits nothing.
    let hold = async move { pool.write(move |_| -> Result<()> { Err(wait()) }).await };
    enter(hold, held, entered).await
}

/// Keeps a connection that reads busy until the returned value is dropped.
pub(crate) async fn hold_reader(pool: &RusqlitePool) -> Sender<()> {
    let (pool, (held, wait, entered)) = (pool.clone(), gate());
    let hold = async move { pool.read(move |_| -> Result<()> { Err(wait()) }).await };
    enter(hold, held, entered).await
}

/// Returns what keeps a function waiting, the wait, and a message that the function waits.
fn gate() -> (Sender<()>, impl FnOnce() -> Error + Send + 'static, oneshot::Receiver<()>) {
    let (held, end) = channel::<()>();
    let (enter, entered) = oneshot::channel();
    let wait = move || {
        enter.send(()).unwrap();
        let _ = end.recv();
        Error::QueryReturnedNoRows
    };
    (held, wait, entered)
}

async fn enter(
    hold: impl Future<Output = Result<()>> + Send + 'static,
    held: Sender<()>,
    entered: oneshot::Receiver<()>,
) -> Sender<()> {
    tokio::spawn(hold);
    entered.await.unwrap();
    held
}

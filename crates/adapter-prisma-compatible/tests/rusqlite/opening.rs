//! Opening a pool: names of files, parameters of the URL, and errors.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use adapter_prisma_compatible::{OpenError, PrismaAdapter, RusqlitePool, rusqlite};
use lucia_core::{AdapterErrorKind as Kind, UserAdapter as _};
use tokio::task::JoinSet;

use crate::{
    app::{App, assert_u1, config, count, hold_reader},
    support::{kind, texts, user},
};

#[tokio::test]
async fn files_of_any_name_are_opened() {
    for name in ["a b.db", "100%.db", "50%25.db", "what?.db", "#1.db", "a&b=c.db", "größe.db", "'q\".db", "file:x.db"]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name).display().to_string();
        let encoded = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23").replace(' ', "%20");
        let urls = [format!("sqlite://{encoded}"), format!("file:{path}"), format!("file:/{path}")];
        for url in urls.iter().filter(|url| !url.contains("what?")) {
            let pool = RusqlitePool::connect(&format!("{url}?mode=rwc")).await.unwrap();
            config().create_tables(&pool).await.unwrap();
            assert_eq!(pool.read(|connection| Ok(count(connection, "User"))).await.unwrap(), 0, "{url}");
            pool.close().await;
            let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
            assert_eq!(files, [name], "{url}");
            for parameters in ["mode=ro", "immutable=true", "vfs=unix", "immutable=1&vfs=unix"] {
                let pool = RusqlitePool::connect(&format!("{url}?{parameters}")).await.unwrap();
                assert_eq!(pool.read(|connection| Ok(count(connection, "User"))).await.unwrap(), 0, "{url}");
                pool.close().await;
            }
        }
    }
}

#[tokio::test]
async fn a_relative_name_is_relative_to_the_working_directory() {
    let error = RusqlitePool::connect("file:no-such-folder/app.db?mode=rwc").await.unwrap_err();
    assert!(matches!(error, OpenError::Sqlite(_)), "{error:?}");
    // The tests run in the folder of the package.
    let error = RusqlitePool::connect("file:Cargo.toml").await.unwrap_err();
    let OpenError::Sqlite(error) = error else { panic!("{error:?}") };
    assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::NotADatabase), "the file was found: {error}");
}

#[tokio::test]
async fn an_invalid_url_or_file_is_a_typed_error_without_secrets() {
    for url in [
        "file:app.db?cache=shared",
        "file:app.db?key=hunter2",
        "file:app.db?connection_limit=0",
        "file:app.db?mode=hunter2",
        "hunter2",
        "postgres://ada:hunter2@localhost/app",
        "file:",
    ] {
        let error = RusqlitePool::connect(url).await.unwrap_err();
        assert!(matches!(error, OpenError::InvalidUrl(_)), "{url}: {error:?}");
        assert!(!texts(&error).contains("hunter2"), "{}", texts(&error));
    }
    let shared = RusqlitePool::connect("file:app.db?cache=shared").await.unwrap_err();
    assert!(texts(&shared).contains("`cache=shared` is not supported"), "{}", texts(&shared));

    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.db");
    for path in [missing.as_path(), folder.path(), &folder.path().join("no/folder.db")] {
        let error = RusqlitePool::connect(&format!("file:{}", path.display())).await.unwrap_err();
        assert!(matches!(error, OpenError::Sqlite(_)), "{error:?}");
        assert_eq!(error.to_string(), "cannot open the database");
        assert!(texts(&error).contains(path.to_str().unwrap()), "{}", texts(&error));
    }
    assert!(!missing.exists(), "the file is not created by default");

    fs::write(&missing, "not a database, but a text that is long enough to have a header".repeat(4)).unwrap();
    let error = RusqlitePool::connect(&format!("file:{}?mode=rwc", missing.display())).await.unwrap_err();
    assert!(matches!(error, OpenError::Sqlite(_)), "{error:?}");
}

#[tokio::test]
async fn every_connection_is_set_up() {
    let opened = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&opened);
    let app = App::with("connection_limit=2", move |connection| {
        counter.fetch_add(1, SeqCst);
        connection.execute_batch("CREATE TEMP TABLE ready (id)")
    })
    .await;
    let held = [hold_reader(&app.pool).await, hold_reader(&app.pool).await];
    assert_eq!(opened.load(SeqCst), 3, "a connection that writes and two that read");
    drop(held);
    for _ in 0..2 {
        app.pool.read(|connection| Ok(count(connection, "ready"))).await.unwrap();
        app.pool.write(|transaction| Ok::<_, rusqlite::Error>(count(transaction, "ready"))).await.unwrap();
    }
    assert_eq!(opened.load(SeqCst), 3);

    let refuse = |_: &rusqlite::Connection| Err(rusqlite::Error::InvalidQuery);
    let error = RusqlitePool::connect_with("sqlite::memory:", refuse).await.unwrap_err();
    assert!(matches!(error, OpenError::Sqlite(rusqlite::Error::InvalidQuery)), "{error:?}");
}

#[tokio::test]
async fn a_read_only_file_is_read_and_not_written() {
    let app = App::create().await;
    app.adapter.set_user(&user("u1"), None).await.unwrap();
    app.pool.close().await;
    let before = fs::read(app.path()).unwrap();
    for parameters in ["mode=ro", "immutable=true"] {
        let pool = RusqlitePool::connect(&format!("file:{}?{parameters}", app.path().display())).await.unwrap();
        let adapter = PrismaAdapter::with_config(pool.clone(), config()).await.unwrap();
        assert_u1(&adapter, parameters).await;
        assert_eq!(kind(adapter.set_user(&user("u2"), None).await), Kind::Unavailable, "{parameters}");
        assert_eq!(kind(adapter.delete_user(&"u1".into()).await), Kind::Unavailable, "{parameters}");
        assert_u1(&adapter, parameters).await;
        pool.close().await;
        assert_eq!(fs::read(app.path()).unwrap(), before, "{parameters}");
    }
}

#[tokio::test]
async fn a_database_in_memory_lives_as_long_as_its_pool() {
    let pool = RusqlitePool::connect("sqlite::memory:").await.unwrap();
    config().create_tables(&pool).await.unwrap();
    let adapter = PrismaAdapter::with_config(pool.clone(), config()).await.unwrap();
    let mut writers = JoinSet::new();
    for index in 0..20 {
        let adapter = adapter.clone();
        writers.spawn(async move {
            let id = format!("u{index}");
            adapter.set_user(&user(&id), None).await.unwrap();
            assert!(adapter.get_user(&id.as_str().into()).await.unwrap().is_some());
        });
    }
    writers.join_all().await;
    assert_eq!(pool.read(|connection| Ok(count(connection, "User"))).await.unwrap(), 20);

    let other = RusqlitePool::connect("sqlite://name?mode=memory").await.unwrap();
    config().create_tables(&other).await.unwrap();
    assert_eq!(other.read(|connection| Ok(count(connection, "User"))).await.unwrap(), 0);
    pool.close().await;
    assert_eq!(kind(adapter.get_user(&"u1".into()).await), Kind::Unavailable);
}

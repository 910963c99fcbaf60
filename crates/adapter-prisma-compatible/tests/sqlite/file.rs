//! Tests of changes to the file of an open database.

use adapter_prisma_compatible::PrismaAdapter;
use lucia_core::{AdapterErrorKind, SessionAdapter as _, UserAdapter as _};

use crate::support::{Database, config, file_of, run, session, single, user};

/// A backup that is copied over the file, or a full disk, can remove pages that connections know. Access to memory that
/// is mapped to them would kill the process.
#[tokio::test]
async fn a_file_that_shrinks_is_an_error() {
    let database = Database::create(config()).await;
    database.set_user(&user("u1"), None).await.unwrap();
    for index in 0..400 {
        database.set_session(&session(&format!("s{index:03}"), "u1")).await.unwrap();
    }
    run(&database.pool, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    let adapter = PrismaAdapter::with_config(single(&database.scratch).await, config()).await.unwrap();
    adapter.get_session(&"s000".into()).await.unwrap();

    let file = std::fs::OpenOptions::new().write(true).open(file_of(&database.scratch)).unwrap();
    file.set_len(4_096).unwrap();
    let error = adapter.get_sessions_by_user_id(&"u1".into()).await.unwrap_err();
    assert!(matches!(error.kind(), AdapterErrorKind::Unavailable | AdapterErrorKind::Backend), "{error:?}");
}

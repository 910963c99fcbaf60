//! A pool of sqlx whose connections are all in use, or that is closed.

use std::time::Duration;

use adapter_prisma_compatible::{PrismaAdapter, sqlx};
use lucia_core::{Adapter, AdapterErrorKind as Kind, SessionAdapter};

use crate::support::{Database, config, driver, kind, options_of};

/// The time must be sufficient to open the only connection.
#[tokio::test]
async fn p8_an_outage_is_unavailable_and_never_reported_as_missing() {
    let database = Database::create(config()).await;
    let small = driver::pool_options().max_connections(1).acquire_timeout(Duration::from_secs(5));
    let small = small.connect_with(options_of(&database.scratch)).await.unwrap();
    let adapter = PrismaAdapter::with_config(small.clone(), config()).await.unwrap();
    let held = small.acquire().await.unwrap();
    let error = adapter.get_session_and_user(&"s1".into()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(matches!(error.downcast_ref::<sqlx::Error>(), Some(sqlx::Error::PoolTimedOut)));
    drop(held);
    assert_eq!(adapter.get_session_and_user(&"s1".into()).await.unwrap(), None);
    small.close().await;
    assert_eq!(kind(adapter.delete_session(&"s1".into()).await), Kind::Unavailable);
}

//! How many statements an operation takes, as sqlx itself logs them. A process of its own, because sqlx logs from its threads.

#![cfg(feature = "sqlite")]

use std::sync::atomic::{AtomicUsize, Ordering};

use adapter_prisma_compatible::{PrismaAdapter, PrismaConfig, sqlite};
use lucia::{Auth, NewKey, NewSession, NewUser};
use tracing::{Event, Id, Metadata, Subscriber, span};

static STATEMENTS: AtomicUsize = AtomicUsize::new(0);

/// Counts what sqlx logs of each statement that is done.
struct Counter;

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }
    fn event(&self, _: &Event<'_>) {
        STATEMENTS.fetch_add(1, Ordering::SeqCst);
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn taken() -> usize {
    STATEMENTS.swap(0, Ordering::SeqCst)
}

#[tokio::test]
async fn an_operation_takes_as_few_statements_as_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file:{}/test.db", folder.path().display());
    let options = sqlite::connect_options(&url).unwrap().create_if_missing(true);
    let pool = sqlite::pool_options().connect_with(options).await.unwrap();
    PrismaConfig::default().create_tables(&pool).await.unwrap();
    let auth = Auth::builder(PrismaAdapter::new(pool).await.unwrap()).build().unwrap();
    tracing::subscriber::set_global_default(Counter).unwrap();

    let user = auth.create_user(NewUser::new().key(NewKey::new("github", "1"))).await.unwrap().user_id;
    assert!((2..=4).contains(&taken()), "two inserts, and the transaction around them");
    let session = auth.create_session(NewSession::new(user.clone())).await.unwrap();
    assert_eq!(taken(), 2, "an insert that looks for the user, and the user");
    auth.validate_session(&session.session_id).await.unwrap();
    assert_eq!(taken(), 1, "one joined read");
    auth.invalidate_session(&session.session_id).await.unwrap();
    assert_eq!(taken(), 1);
    auth.invalidate_all_user_sessions(&user).await.unwrap();
    assert_eq!(taken(), 1);
    assert!(auth.validate_session(&session.session_id).await.is_err());
    assert_eq!(taken(), 1, "an unknown session as well");
}

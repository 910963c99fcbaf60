use std::time::Duration;

use adapter_prisma_compatible as prisma;
use lucia_core::{
    Attributes, SessionAdapter as _, SessionSchema, TokenAdapter as _, TokenKind, TokenSchema, UnixMillis,
    UserAdapter as _, UserSchema,
};
use lucia_sql::driver::{Database, DriverError, Failure, Place, Query, Retry, SqlValue};

use super::{HASH, SESSION_ID, TOKEN, shown::Shown};

pub(super) async fn show(shown: &mut Shown) {
    let pool = prisma::sqlite::connect("sqlite::memory:").await.unwrap();
    let config = prisma::PrismaConfig::default();
    config.create_tables(&pool).await.unwrap();
    let adapter = prisma::PrismaAdapter::with_config(pool.clone(), config.clone()).await.unwrap();
    adapter.set_user(&UserSchema::new("u1"), None).await.unwrap();
    let session = SessionSchema::new(SESSION_ID, "u1", UnixMillis::MAX, UnixMillis::MAX);
    adapter.set_session(&session).await.unwrap();
    shown.error("AdapterError", &adapter.set_session(&session).await.unwrap_err());
    let orphan = SessionSchema::new(SESSION_ID, "u2", UnixMillis::MAX, UnixMillis::MAX);
    shown.error("AdapterError", &adapter.set_session(&orphan).await.unwrap_err());
    // An attribute that has no column.
    let unknown = UserSchema::new("u2").with_attributes(Attributes::from([("nickname", TOKEN)])).unwrap();
    let refused = adapter.set_user(&unknown, None).await.unwrap_err();
    shown.error("AdapterError", &refused);
    shown.error("Refusal", refused.downcast_ref::<prisma::Refusal>().unwrap());
    shown.show("ConstraintKind", &prisma::ConstraintKind::Unique);
    shown.show("PrismaAdapter", &adapter);
    shown.show(
        "PrismaUserAdapter",
        &prisma::PrismaUserAdapter::with_config(pool.clone(), config.clone()).await.unwrap(),
    );
    config.create_token_table(&pool).await.unwrap();
    let tokens = prisma::PrismaTokenAdapter::with_config(pool.clone(), config.clone()).await.unwrap();
    shown.show("PrismaTokenAdapter", &tokens);
    let token = TokenSchema::new(TOKEN, TokenKind::from_static("reset"), UnixMillis::MAX).with_data(HASH);
    tokens.set_token(&token).await.unwrap();
    shown.error("AdapterError", &tokens.set_token(&token).await.unwrap_err());
    let (window, now) = (Duration::from_secs(1), UnixMillis::new(0));
    shown.error("AdapterError", &tokens.add_to_counter(TOKEN, 1, window, now).await.unwrap_err());
    shown.show("PrismaConfig", &config);
    let attribute = prisma::Attribute::string();
    shown.show("AttributeType", &prisma::AttributeType::String);
    shown.show("DateTimeFormat", &prisma::DateTimeFormat::default());
    shown.show("Attribute", &attribute);
    shown.show("Table", &prisma::Table::named("User").attribute("username", attribute));
    let other = prisma::PrismaConfig::default().user(prisma::Table::named("Nobody"));
    let mismatch = prisma::PrismaAdapter::with_config(pool, other).await.unwrap_err();
    if let prisma::SetupError::Mismatch(mismatches) = &mismatch {
        shown.show("Mismatch", mismatches);
    }
    shown.error("SetupError", &mismatch);
    for url in ["secret", "postgres://ada:secret@", "postgres://ada:secret@localhost/app?connection_limit=0"] {
        shown.error("InvalidUrl", &prisma::postgres::connect_options(url).unwrap_err());
    }
    for url in ["mysql://ada:secret@localhost/app?connection_limit=0", "secret"] {
        shown.error("InvalidUrl", &prisma::mysql::connect_options(url).unwrap_err());
    }
    shown.error(
        "InvalidUrl",
        &prisma::sqlite::connect_options("file:app.db?connection_limit=0&key=secret").unwrap_err(),
    );
    show_rusqlite(shown).await;
    // No server listens on this port.
    let options = prisma::postgres::connect_options("postgres://ada:secret@127.0.0.1:1/app").unwrap();
    let pool = prisma::postgres::pool_options().acquire_timeout(Duration::from_millis(100));
    shown.error("SetupError", &pool.connect_with(options).await.unwrap_err());
}

async fn show_rusqlite(shown: &mut Shown) {
    let pool = prisma::RusqlitePool::connect("sqlite::memory:").await.unwrap();
    let config = prisma::PrismaConfig::default();
    config.create_tables(&pool).await.unwrap();
    let adapter = prisma::PrismaAdapter::with_config(pool.clone(), config).await.unwrap();
    adapter.set_user(&UserSchema::new("u1"), None).await.unwrap();
    let session = SessionSchema::new(SESSION_ID, "u1", UnixMillis::MAX, UnixMillis::MAX);
    adapter.set_session(&session).await.unwrap();
    shown.error("AdapterError", &adapter.set_session(&session).await.unwrap_err());
    shown.show("RusqlitePool", &pool);
    for url in ["file:app.db?connection_limit=0&key=secret", "secret", "file:no-such-folder/app.db"] {
        shown.error("OpenError", &prisma::RusqlitePool::connect(url).await.unwrap_err());
    }
    let mut connection = prisma::rusqlite::Connection::open_in_memory().unwrap();
    let mut transaction = connection.transaction().unwrap();
    transaction.execute_batch("ROLLBACK").unwrap();
    let refused = adapter.set_session_in(&mut transaction, &session).await.unwrap_err();
    shown.error("TransactionEnded", refused.downcast_ref::<prisma::TransactionEnded>().unwrap());
    pool.close().await;
    let closed = adapter.set_session(&session).await.unwrap_err();
    shown.error("NoConnection", closed.downcast_ref::<prisma::NoConnection>().unwrap());
    show_conflict(shown, &session).await;
}

/// Another process writes.
async fn show_conflict(shown: &mut Shown, session: &SessionSchema) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.db");
    let pool = prisma::RusqlitePool::connect(&format!("sqlite://{}?mode=rwc", file.display())).await.unwrap();
    let config = prisma::PrismaConfig::default();
    config.create_tables(&pool).await.unwrap();
    let adapter = prisma::PrismaAdapter::with_config(pool, config).await.unwrap();
    adapter.set_user(&UserSchema::new("u1"), None).await.unwrap();
    let [other, mut connection] = [(); 2].map(|()| prisma::rusqlite::Connection::open(&file).unwrap());
    connection.busy_timeout(Duration::ZERO).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut transaction = connection.transaction().unwrap();
    let conflict = adapter.set_session_in(&mut transaction, session).await.unwrap_err();
    shown.error("TransactionConflict", conflict.downcast_ref::<prisma::TransactionConflict>().unwrap());
}

pub(super) fn drivers(shown: &mut Shown) {
    let values = [SqlValue::from(SESSION_ID), SqlValue::from(HASH), SqlValue::Blob(TOKEN.into())];
    shown.show("SqlValue", &values);
    shown.show("Query", &Query::new("SELECT ?1, ?2, ?3", values));
    shown.show("Database", &Database::Sqlite);
    shown.show("Place", &Place::default());
    shown.show("Failure", &Failure::Unique(Place::default()));
    shown.show("Retry", &Retry::Never);
    shown.error("DriverError", &DriverError::new(Failure::Other, "the driver's own error"));
}

//! The statements on tokens and counters.

use std::{sync::Arc, time::Duration};

use lucia_core::{
    AdapterErrorKind as Kind, Count, SessionAdapter as _, SessionScan as _, TokenAdapter as _, TokenKind, TokenSchema,
    UnixMillis,
};
use lucia_sql::{
    Attribute, AttributeType, SqlAdapter, SqlConfig, SqlTokenAdapter, Table,
    driver::{Database, DriverError, Failure, Retry, SqlValue},
};

use crate::scripted::Scripted;

const RESET: TokenKind = TokenKind::from_static("reset");
const WINDOW: Duration = Duration::from_millis(100);
const NOW: UnixMillis = UnixMillis::new(7);

fn text(text: &str) -> SqlValue {
    SqlValue::from(text)
}

async fn tokens(driver: &Scripted) -> SqlTokenAdapter<Scripted> {
    SqlTokenAdapter::new(driver.clone()).await.unwrap()
}

#[tokio::test]
async fn a_token_of_d1_is_taken_by_one_statement() {
    let row = vec![text("u1"), text("ada@example.com"), text("9007199254740993")];
    let driver = Scripted { rows: vec![row], ..Scripted::new(Database::D1) };
    let tokens = tokens(&driver).await;
    assert_eq!(driver.runs.lock().unwrap().len(), 0, "nothing is asked");
    let taken = tokens.take_token(&RESET, &"t1".into()).await.unwrap().unwrap();
    let expires = UnixMillis::new(9_007_199_254_740_993);
    assert_eq!(taken, TokenSchema::new("t1", RESET, expires).with_user_id("u1").with_data("ada@example.com"));
    let expires = r#"CASE typeof("Token"."expires") WHEN 'integer' THEN CAST("Token"."expires" AS TEXT) ELSE "Token"."expires" END"#;
    let sql = format!(
        r#"DELETE FROM "Token" WHERE "Token"."id" = +?1 AND "Token"."kind" = +?2 RETURNING "Token"."user_id", "Token"."data", {expires}"#
    );
    assert_eq!(*driver.runs.lock().unwrap(), [(sql, vec![text("t1"), text("reset")])]);
}

#[tokio::test]
async fn a_token_of_a_user_is_stored_only_if_the_user_exists() {
    let driver = Scripted::new(Database::D1);
    let (known, elsewhere) = (tokens(&driver).await, SqlConfig::default().without_user_table());
    let elsewhere = SqlTokenAdapter::with_config(driver.clone(), elsewhere).await.unwrap();
    let plain = TokenSchema::new("t1", RESET, NOW);
    let owned = plain.clone().with_user_id("u1");
    let expectations = [(&known, &plain, false), (&known, &owned, true), (&elsewhere, &owned, false)];
    for (adapter, token, is_checked) in expectations {
        adapter.set_token(token).await.unwrap();
        let sql = driver.runs.lock().unwrap().pop().unwrap().0;
        assert_eq!(sql.contains(r#"WHERE EXISTS (SELECT 1 FROM "User" WHERE "User"."id" = +?3)"#), is_checked, "{sql}");
    }
}

/// The row of another id, as MySQL returns one whose id is equal by a collation, and that of a token.
#[tokio::test]
async fn the_row_of_another_counter_is_not_returned() {
    let count = |id: &str, kind: &str| vec![text(id), text(kind), text("41"), SqlValue::Integer(107)];
    for (row, expected) in [
        (count("key", ":counter"), Ok(Count { value: 41, expires: UnixMillis::new(107) })),
        (count("KEY", ":counter"), Err(Kind::DuplicateTokenId)),
        (count("key", "counter"), Err(Kind::DuplicateTokenId)),
    ] {
        let driver = Scripted { rows: vec![row], ..Scripted::new(Database::D1) };
        let counted = tokens(&driver).await.add_to_counter("key", 1, WINDOW, NOW).await;
        assert_eq!(counted.map_err(|error| error.kind()), expected);
    }
}

/// The second attempt would find no token, or count twice.
#[tokio::test]
async fn a_write_whose_answer_is_lost_is_not_retried() {
    for is_token in [true, false] {
        let driver = Scripted::new(Database::D1);
        let lost = DriverError::new(Failure::Unavailable, "lost").with_retry(Retry::IfRead);
        driver.outcomes.lock().unwrap().push_back(lost);
        let tokens = tokens(&driver).await;
        let error = if is_token {
            tokens.take_token(&RESET, &"t1".into()).await.unwrap_err()
        } else {
            tokens.add_to_counter("key", 1, WINDOW, NOW).await.unwrap_err()
        };
        assert_eq!(error.kind(), Kind::Unavailable);
        assert_eq!(driver.runs.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn every_statement_is_rendered_once() {
    let driver = Scripted::new(Database::D1);
    let sessions = Table::named("Session").attribute("started", Attribute::new(AttributeType::BigInt));
    let config = SqlConfig::default().session(sessions).token(Table::named("Token"));
    let adapter = SqlAdapter::<Scripted>::with_config(driver.clone(), config.clone()).await.unwrap();
    let tokens = SqlTokenAdapter::with_config(driver.clone(), config).await.unwrap();
    let token = TokenSchema::new("t1", RESET, NOW).with_user_id("u1");
    let mut texts: Vec<Vec<Arc<str>>> = Vec::new();
    for _ in 0..2 {
        adapter.delete_oldest_sessions(&"u1".into(), &"s1".into(), "started", 3).await.unwrap();
        adapter.scan_sessions(None, 10).await.unwrap();
        adapter.scan_sessions(Some("s1"), 10).await.unwrap();
        tokens.set_token(&token).await.unwrap();
        tokens.get_token(&RESET, &token.id).await.unwrap();
        tokens.take_token(&RESET, &token.id).await.unwrap();
        tokens.delete_tokens(None, &"u1".into()).await.unwrap();
        tokens.delete_tokens(Some(&RESET), &"u1".into()).await.unwrap();
        tokens.delete_expired_tokens(NOW, 10).await.unwrap();
        for by in [-1, 0, 1] {
            // The driver has no row, so the key appears to belong to a token.
            let _ = tokens.add_to_counter("key", by, WINDOW, NOW).await;
        }
        texts.push(std::mem::take(&mut *driver.texts.lock().unwrap()));
    }
    let [first, second] = texts.try_into().unwrap();
    assert_eq!((first.len(), second.len()), (12, 12));
    assert!(first.iter().zip(&second).all(|(one, other)| Arc::ptr_eq(one, other)));
}

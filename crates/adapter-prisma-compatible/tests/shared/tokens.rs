//! The table of tokens: its names, its check, and the transactions of the application.

use std::time::Duration;

use adapter_prisma_compatible::{
    Mismatch, PrismaAdapter, PrismaConfig, PrismaTokenAdapter, PrismaUserAdapter, SetupError, Table,
};
use lucia_core::{AdapterErrorKind as Kind, Count, TokenAdapter, TokenKind, TokenSchema, UnixMillis, UserAdapter as _};

use super::drop_at_await::drop_at_await;
use crate::support::{
    Database, LIMITS_TEXT, Scratch, config, count, kind, run, run_on, single, sql, table_in, user, without_foreign_keys,
};

const RESET: TokenKind = TokenKind::from_static("reset");
const WINDOW: Duration = Duration::from_secs(60);
const NOW: UnixMillis = UnixMillis::new(1_000);

fn with_tokens() -> PrismaConfig {
    config().token(Table::named("Token"))
}

fn token(id: &str) -> TokenSchema {
    TokenSchema::new(id, RESET, UnixMillis::new(2_000)).with_data("ada@example.com")
}

async fn tokens(database: &Database) -> PrismaTokenAdapter {
    PrismaTokenAdapter::with_config(database.pool.clone(), with_tokens()).await.unwrap()
}

/// Returns the differences that an adapter for tokens reports.
async fn mismatches(scratch: &Scratch, config: PrismaConfig) -> Vec<Mismatch> {
    match PrismaTokenAdapter::with_config(scratch.pool.clone(), config).await {
        Err(SetupError::Mismatch(mismatches)) => mismatches,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_token_is_committed_or_rolled_back_with_its_user() {
    let database = Database::create(with_tokens()).await;
    let tokens = tokens(&database).await;
    let token = token("t1").with_user_id("u1");
    for commits in [false, true] {
        let mut transaction = database.pool.begin().await.unwrap();
        database.set_user_in(&mut *transaction, &user("u1"), None).await.unwrap();
        tokens.set_token_in(&mut *transaction, &token).await.unwrap();
        assert_eq!(tokens.get_token(&RESET, &token.id).await.unwrap(), None, "nobody sees it before");
        if commits {
            transaction.commit().await.unwrap();
        } else {
            transaction.rollback().await.unwrap();
        }
        let found = tokens.get_token(&RESET, &token.id).await.unwrap();
        assert_eq!(found, commits.then(|| token.clone()));
    }
    let mut connection = database.pool.acquire().await.unwrap();
    assert_eq!(kind(tokens.set_token_in(&mut *connection, &token).await), Kind::DuplicateTokenId);
}

#[tokio::test]
async fn tokens_are_deleted_with_their_user_without_a_foreign_key() {
    for is_known in [true, false] {
        let database = without_foreign_keys().await;
        let config = with_tokens().without_user_table();
        config.create_token_table(&database.pool).await.unwrap();
        let database = Database::on(database.scratch, if is_known { config } else { crate::support::config() }).await;
        let tokens = tokens(&database).await;
        database.set_user(&user("u1"), None).await.unwrap();
        tokens.set_token(&token("t1").with_user_id("u1")).await.unwrap();
        tokens.set_token(&token("t2")).await.unwrap();
        tokens.add_to_counter("c1", 1, WINDOW, NOW).await.unwrap();
        database.delete_user(&"u1".into()).await.unwrap();
        assert_eq!(count(&database.pool, "Token").await, if is_known { 2 } else { 3 });
    }
}

/// Only the table of tokens is needed if the users are elsewhere.
#[tokio::test]
async fn tokens_do_not_need_the_tables_of_lucia() {
    let scratch = Scratch::create().await;
    let table =
        Table::named("auth_token").column("user_id", "owner").column("data", "about").column("expires", "until");
    let config = PrismaConfig::default().token(table).without_user_table();
    for _ in 0..2 {
        config.create_token_table(&scratch.pool).await.unwrap();
    }
    let tokens = PrismaTokenAdapter::with_config(scratch.pool.clone(), config).await.unwrap();
    let token = token("t1").with_user_id("a user of another database");
    tokens.set_token(&token).await.unwrap();
    assert_eq!(tokens.get_token(&RESET, &token.id).await.unwrap().as_ref(), Some(&token));
    assert_eq!(tokens.take_token(&RESET, &token.id).await.unwrap().as_ref(), Some(&token));
    for value in 1..4 {
        let expires = NOW.saturating_add(WINDOW);
        assert_eq!(tokens.add_to_counter("c1", 1, WINDOW, NOW).await.unwrap(), Count { value, expires });
    }
    assert_eq!(tokens.add_to_counter("c1", -2, WINDOW, NOW).await.unwrap().value, 1);
}

/// The check names the table, and an adapter whose configuration has no tokens does not need it.
#[tokio::test]
async fn a_missing_table_of_tokens_is_named_if_it_is_configured() {
    let database = Database::create(config()).await;
    let missing = [Mismatch::MissingTable { table: table_in(&database.scratch, "Token") }];
    assert_eq!(mismatches(&database.scratch, config()).await, missing);
    assert_eq!(mismatches(&database.scratch, with_tokens()).await, missing);
    for error in [
        PrismaAdapter::with_config(database.pool.clone(), with_tokens()).await.unwrap_err(),
        PrismaUserAdapter::with_config(database.pool.clone(), with_tokens()).await.unwrap_err(),
        with_tokens().check(&database.pool).await.unwrap_err(),
    ] {
        assert!(matches!(&error, SetupError::Mismatch(found) if *found == missing), "{error}");
    }
    with_tokens().create_token_table(&database.pool).await.unwrap();
    tokens(&database).await;
}

#[tokio::test]
async fn every_difference_of_the_table_of_tokens_is_named() {
    let scratch = Scratch::create().await;
    let table = r#"CREATE TABLE "User" ("id" VARCHAR(191) PRIMARY KEY);
        CREATE TABLE "Token" ("id" VARCHAR(191) NOT NULL, "user_id" VARCHAR(191) NOT NULL, "data" VARCHAR(191) NOT NULL,
            "expires" BIGINT NOT NULL, "purpose" VARCHAR(191) NOT NULL)"#;
    run(&scratch.pool, &sql(table)).await;
    let found = mismatches(&scratch, PrismaConfig::default()).await;
    let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
    let expected = [
        "column `id` of table `Token` is neither the primary key nor unique",
        "table `Token` has no column `kind` for the field `kind`",
        "column `user_id` of table `Token` is NOT NULL, so counters and tokens without a user could not be stored",
        "column `purpose` of table `Token` is required, but never set",
    ];
    for expected in expected {
        assert!(texts.iter().any(|text| text.starts_with(expected)), "{expected}: {texts:#?}");
    }
    let is_short = |text: &&String| text.starts_with("column `data` of table `Token` is ");
    let short: Vec<_> = texts.iter().filter(is_short).collect();
    assert_eq!(texts.len(), expected.len() + short.len(), "{texts:#?}");
    assert_eq!(short.len(), usize::from(LIMITS_TEXT), "{texts:#?}");
    let unknown = PrismaConfig::default().token(Table::named("Token").column("hashed_password", "data"));
    let [mismatch] = mismatches(&scratch, unknown).await.try_into().unwrap();
    assert_eq!(
        mismatch.to_string(),
        "`hashed_password` of table `Token` is not a field: the table has the fields `id`, `kind`, `user_id`, `data`, \
         `expires` only"
    );
}

/// A call that is dropped has taken effect or not, and later writes on its connection are not lost with it.
#[tokio::test]
async fn a_call_on_tokens_dropped_at_any_await_leaves_no_open_transaction() {
    let database = Database::create(with_tokens()).await;
    run(&database.pool, "CREATE TABLE written (id INTEGER)").await;
    let whole = tokens(&database).await;
    let small = single(&database.scratch).await;
    let tokens = PrismaTokenAdapter::with_config(small.clone(), with_tokens()).await.unwrap();
    for nth in 1.. {
        let (id, key) = (format!("t{nth}"), format!("c{nth}"));
        whole.set_token(&token(&id)).await.unwrap();
        let mut dropped = drop_at_await(nth, tokens.take_token(&RESET, &id.as_str().into())).await;
        for by in [5, -2] {
            dropped |= drop_at_await(nth, tokens.add_to_counter(&key, by, WINDOW, NOW)).await;
        }
        run_on(&small, "INSERT INTO written VALUES (1)").await;
        assert_eq!(count(&database.pool, "written").await, i64::try_from(nth).unwrap(), "dropped at wait {nth}");
        let counted = whole.add_to_counter(&key, 0, WINDOW, NOW).await.unwrap().value;
        assert!([0, 3, 5].contains(&counted), "dropped at wait {nth}: {counted}");
        if !dropped {
            assert_eq!((whole.get_token(&RESET, &id.as_str().into()).await.unwrap(), counted), (None, 3));
            assert!(nth > 1, "something was dropped");
            break;
        }
    }
}

/// A token whose id is the key of a counter, and the reverse.
#[tokio::test]
async fn a_counter_never_changes_a_token() {
    let database = Database::create(with_tokens()).await;
    let tokens = tokens(&database).await;
    tokens.set_token(&token("shared").with_data("7")).await.unwrap();
    assert_eq!(kind(tokens.add_to_counter("shared", 1, WINDOW, NOW).await), Kind::DuplicateTokenId);
    // Also after the token has expired, when a counter would start again.
    let late = UnixMillis::new(9_000);
    assert_eq!(kind(tokens.add_to_counter("shared", 1, WINDOW, late).await), Kind::DuplicateTokenId);
    for by in [0, -1] {
        let none = Count { value: 0, expires: NOW };
        assert_eq!(tokens.add_to_counter("shared", by, WINDOW, NOW).await.unwrap(), none);
    }
    let found = tokens.get_token(&RESET, &"shared".into()).await.unwrap();
    assert_eq!(found, Some(token("shared").with_data("7")));
}

#[tokio::test]
async fn a_counter_that_cannot_be_read_is_an_error_of_its_column() {
    let database = Database::create(with_tokens()).await;
    let tokens = tokens(&database).await;
    tokens.add_to_counter("c1", 1, WINDOW, NOW).await.unwrap();
    run(&database.pool, &sql(r#"UPDATE "Token" SET "data" = '1.5'"#)).await;
    let error = tokens.add_to_counter("c1", 0, WINDOW, NOW).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
}

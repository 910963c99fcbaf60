use std::time::Duration;

use lucia_auth::{Error, NewToken, TokenPurpose};

use super::{EMAIL, Issued, is_invalid, wrong};

const INVITATION: TokenPurpose = TokenPurpose::new("invitation", Duration::from_secs(3_600));

fn failed<T>(result: Result<T, Error>, operation: &str) {
    match result {
        Err(Error::Adapter(error)) => assert_eq!(error.operation(), Some(operation)),
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("{operation} did not fail"),
    }
}

#[tokio::test]
async fn an_outage_is_never_an_invalid_token_and_uses_nothing_up() {
    let issued = Issued::new().await;
    let token = issued.for_key(INVITATION).await;
    for method in ["get_token", "take_token"] {
        issued.store.fail(method, 0, 2);
        failed(issued.tokens.redeem(INVITATION, token.as_str()).await, method);
        let peeked = issued.tokens.peek(INVITATION, token.as_str()).await;
        assert_eq!(peeked.is_ok(), method == "take_token");
        issued.store.recover();
    }
    issued.world.adapter.fail(Some("get_key"));
    failed(issued.tokens.redeem(INVITATION, token.as_str()).await, "get_key");
    failed(issued.tokens.peek(INVITATION, token.as_str()).await, "get_key");
    failed(issued.tokens.issue(NewToken::for_key(INVITATION, EMAIL)).await, "get_key");
    issued.world.adapter.fail(None);
    assert!(issued.tokens.redeem(INVITATION, token.as_str()).await.is_ok());
}

#[tokio::test]
async fn an_outage_while_issuing_leaves_no_token_that_nobody_knows() {
    let issued = Issued::new().await;
    let older = issued.link(INVITATION).await;
    issued.store.fail("delete_tokens", 0, 2);
    failed(issued.tokens.issue(NewToken::new(INVITATION, "ada")).await, "delete_tokens");
    failed(issued.tokens.issue_code(NewToken::new(INVITATION, "ada")).await, "delete_tokens");
    assert!(issued.tokens.peek(INVITATION, older.as_str()).await.is_ok());
    issued.store.fail("set_token", 0, 2);
    failed(issued.tokens.issue(NewToken::new(INVITATION, "ada")).await, "set_token");
    failed(issued.tokens.issue_code(NewToken::new(INVITATION, "ada")).await, "set_token");
    assert!(is_invalid(&issued.tokens.peek(INVITATION, older.as_str()).await), "the user asked for another one");
    issued.link(INVITATION).await;
}

/// The token was used up: its user must get what it was for.
#[tokio::test]
async fn a_redeem_succeeds_even_if_the_other_tokens_cannot_be_deleted() {
    let issued = Issued::new().await;
    let (token, code) = (issued.link(INVITATION).await, issued.code().await);
    issued.store.fail("delete_tokens", 0, 2);
    issued.tokens.redeem(INVITATION, token.as_str()).await.unwrap();
    issued.try_code(code.as_str()).await.unwrap();
    assert!(is_invalid(&issued.tokens.redeem(INVITATION, token.as_str()).await));
}

#[tokio::test]
async fn an_outage_between_counting_and_comparing_does_not_count() {
    let issued = Issued::new().await;
    let code = issued.tokens.issue_code(NewToken::for_key(TokenPurpose::MAGIC_LINK, EMAIL)).await.unwrap();
    for _ in 0..30 {
        issued.store.fail("get_token", 0, 1);
        failed(issued.try_code(&wrong(&code)).await, "get_token");
        issued.store.fail("add_to_counter", 1, 1);
        failed(issued.try_code(&wrong(&code)).await, "add_to_counter");
        issued.store.fail("take_token", 0, 1);
        failed(issued.try_code(code.as_str()).await, "take_token");
        issued.world.adapter.fail_once("get_key");
        failed(issued.try_code(code.as_str()).await, "get_key");
        issued.store.recover();
    }
    issued.try_code(code.as_str()).await.unwrap();
}

#[tokio::test]
async fn no_code_is_compared_while_the_counters_fail() {
    let issued = Issued::new().await;
    let code = issued.code().await;
    issued.store.fail("add_to_counter", 0, usize::MAX);
    issued.store.take_calls();
    for _ in 0..30 {
        failed(issued.try_code(code.as_str()).await, "add_to_counter");
    }
    assert_eq!(issued.store.take_calls(), ["add_to_counter"; 30]);
    issued.store.recover();
    issued.try_code(code.as_str()).await.unwrap();
}

#[tokio::test]
async fn a_try_that_cannot_be_given_back_stays_counted() {
    let issued = Issued::new().await;
    for _ in 0..20 {
        let code = issued.code().await;
        issued.store.fail("add_to_counter", 2, 1);
        issued.try_code(code.as_str()).await.unwrap();
    }
    let code = issued.code().await;
    assert!(matches!(issued.try_code(code.as_str()).await, Err(Error::TooManyAttempts { .. })));
}

#[tokio::test]
async fn an_outage_while_deleting_is_an_error() {
    let issued = Issued::new().await;
    let token = issued.link(INVITATION).await;
    issued.store.fail("delete_tokens", 0, 1);
    failed(issued.tokens.delete_user_tokens(&issued.ada).await, "delete_tokens");
    assert!(issued.tokens.peek(INVITATION, token.as_str()).await.is_ok());
    issued.store.fail("delete_expired_tokens", 0, 1);
    failed(issued.tokens.delete_expired_tokens().await, "delete_expired_tokens");
}

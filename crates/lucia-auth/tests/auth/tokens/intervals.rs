use std::time::Duration;

use lucia_auth::{Error, NewToken, OneTimeToken, TokenPurpose};

use super::{EMAIL, Issued, NEW, is_invalid};

const PURPOSE: TokenPurpose = TokenPurpose::EMAIL_VERIFICATION;
const INTERVAL: Duration = Duration::from_secs(120);

fn to(address: &str) -> NewToken {
    NewToken::new(PURPOSE, "ada").bound_to(address).at_most_every(INTERVAL)
}

fn retry_after(result: Result<OneTimeToken, Error>) -> Duration {
    match result {
        Err(Error::TooManyAttempts { retry_after, .. }) => retry_after,
        result => panic!("{result:?}"),
    }
}

#[tokio::test]
async fn within_the_interval_no_token_is_issued_and_older_ones_stay_valid() {
    let issued = Issued::new().await;
    let first = issued.tokens.issue(to("ada@example.com")).await.unwrap();
    for _ in 0..20 {
        assert_eq!(
            retry_after(issued.tokens.issue(to("ada@example.com")).await),
            INTERVAL + Duration::from_millis(1),
            "the interval is not extended"
        );
    }
    assert_eq!(issued.store.rows().len(), 1);
    issued.world.clock.advance(INTERVAL);
    assert_eq!(retry_after(issued.tokens.issue(to("ada@example.com")).await), Duration::from_millis(1));
    assert!(issued.tokens.peek(PURPOSE, first.as_str()).await.is_ok());
    issued.world.clock.advance(Duration::from_millis(1));
    let second = issued.tokens.issue(to("ada@example.com")).await.unwrap();
    assert!(issued.tokens.peek(PURPOSE, second.as_str()).await.is_ok());
    assert!(
        issued.tokens.redeem(PURPOSE, first.as_str()).await.is_ok(),
        "a stranger may have asked for the second one"
    );
    assert!(is_invalid(&issued.tokens.peek(PURPOSE, second.as_str()).await));
}

#[tokio::test]
async fn each_user_and_purpose_and_what_a_token_is_bound_to_has_an_interval_of_its_own() {
    let issued = Issued::new().await;
    let other_purpose = NewToken::new(TokenPurpose::MAGIC_LINK, "ada").bound_to("ada@example.com");
    let for_key = NewToken::for_key(PURPOSE, EMAIL).bound_to("ada@example.com");
    for token in [
        to("ada@example.com"),
        to("ada@example.org"),
        other_purpose.at_most_every(INTERVAL),
        for_key.at_most_every(INTERVAL),
        NewToken::new(PURPOSE, "eve").bound_to("ada@example.com").at_most_every(INTERVAL),
    ] {
        issued.tokens.issue(token.clone()).await.unwrap();
        retry_after(issued.tokens.issue(token.clone()).await);
        retry_after(issued.tokens.issue_code(token).await);
    }
    let without = NewToken::new(PURPOSE, "ada").bound_to("ada@example.com");
    issued.tokens.issue(without).await.unwrap();
    for counter in issued.store.counters() {
        assert!(counter.len() == 64 && counter.bytes().all(|byte| byte.is_ascii_hexdigit()), "{counter}");
    }
}

/// The link that was mailed before does nothing any more.
#[tokio::test]
async fn a_changed_password_ends_the_interval_of_its_key() {
    let issued = Issued::new().await;
    let reset = || NewToken::for_key(TokenPurpose::PASSWORD_RESET, EMAIL).at_most_every(INTERVAL);
    let token = issued.tokens.issue(reset()).await.unwrap();
    issued.tokens.reset_password(token.as_str(), NEW).await.unwrap();
    let token = issued.tokens.issue(reset()).await.unwrap();
    assert!(issued.tokens.peek(TokenPurpose::PASSWORD_RESET, token.as_str()).await.is_ok());
}

#[tokio::test]
async fn a_token_that_was_not_stored_does_not_begin_an_interval() {
    let issued = Issued::new().await;
    for method in ["delete_tokens", "set_token"] {
        issued.store.fail(method, 0, 1);
        assert!(matches!(issued.tokens.issue_code(to("ada@example.com")).await, Err(Error::Adapter(_))));
    }
    issued.store.fail("set_token", 0, 1);
    assert!(matches!(issued.tokens.issue(to("ada@example.com")).await, Err(Error::Adapter(_))));
    issued.store.fail("add_to_counter", 0, 1);
    assert!(matches!(issued.tokens.issue(to("ada@example.com")).await, Err(Error::Adapter(_))), "it is not uncounted");
    issued.tokens.issue(to("ada@example.com")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_parallel_calls_one_issues_a_token() {
    let issued = Issued::new().await;
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let tokens = issued.tokens.clone();
            tokio::spawn(async move { tokens.issue(to("ada@example.com")).await })
        })
        .collect();
    let mut tokens = Vec::new();
    for call in calls {
        tokens.extend(call.await.unwrap());
    }
    assert_eq!((tokens.len(), issued.store.rows().len()), (1, 1));
    assert!(issued.tokens.redeem(PURPOSE, tokens[0].as_str()).await.is_ok());
}

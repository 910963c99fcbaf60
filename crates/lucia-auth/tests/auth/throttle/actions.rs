use std::time::Duration;

use lucia_auth::{Client, Limit};

use super::{QUARTER, Throttled, is_refused};

#[tokio::test]
async fn each_action_and_subject_has_its_own_count() {
    let throttled = Throttled::with(|throttle| throttle.per_account(Limit::new(1, QUARTER))).await;
    let client = Client::new();
    for (action, subject) in [("reset", "ada"), ("reset", "eve"), ("code", "ada"), ("rese", "tada"), ("reset\0ada", "")]
    {
        drop(throttled.auth.attempt(action, subject, &client).await.unwrap());
        assert!(is_refused(&throttled.auth.attempt(action, subject, &client).await), "{action} {subject}");
    }
    assert!(!is_refused(&throttled.guess("ada", &client).await));
}

#[tokio::test]
async fn an_attempt_that_is_given_back_does_not_count() {
    let throttled = Throttled::with(|throttle| throttle.per_account(Limit::new(1, QUARTER))).await;
    let client = super::from("203.0.113.7");
    for _ in 0..200 {
        throttled.auth.attempt("reset", "ada", &client).await.unwrap().give_back().await;
    }
    drop(throttled.auth.attempt("reset", "ada", &client).await.unwrap());
    assert!(is_refused(&throttled.auth.attempt("reset", "ada", &client).await));
}

#[tokio::test]
async fn an_attempt_in_the_name_of_another_counts_for_the_address_alone() {
    let throttled =
        Throttled::with(|throttle| throttle.per_account(Limit::new(1, QUARTER)).per_address(Limit::new(3, QUARTER)))
            .await;
    let (stranger, other) = (super::from("2001:db8:1:2::1"), super::from("203.0.113.8"));
    throttled.auth.attempt_from("reset", &stranger).await.unwrap().give_back().await;
    for _ in 0..3 {
        drop(throttled.auth.attempt_from("reset", &stranger).await.unwrap());
    }
    assert!(is_refused(&throttled.auth.attempt_from("reset", &stranger).await));
    assert!(is_refused(&throttled.auth.attempt_from("reset", &super::from("2001:db8:1:2::2")).await));
    drop(throttled.auth.attempt_from("verify", &stranger).await.unwrap());
    drop(throttled.auth.attempt_from("reset", &other).await.unwrap());
    for _ in 0..10 {
        drop(throttled.auth.attempt_from("reset", &Client::new()).await.unwrap());
    }
    // The limit of the account, whatever it is named, is not used up.
    drop(throttled.auth.attempt("reset", "", &other).await.unwrap());
    throttled.world.clock.advance(QUARTER + Duration::from_millis(1));
    drop(throttled.auth.attempt_from("reset", &stranger).await.unwrap());
}

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

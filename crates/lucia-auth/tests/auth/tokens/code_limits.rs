use std::time::Duration;

use lucia_auth::{
    Error, NewToken, TokenPurpose, UserId,
    lucia_core::{Count, TokenAdapter as _},
};

use super::{Issued, is_invalid, wrong};
use crate::support::NOW;

const DAY: Duration = Duration::from_secs(86_400);

fn is_refused(result: &Result<(), Error>) -> bool {
    matches!(result, Err(Error::TooManyAttempts { .. }))
}

#[tokio::test]
async fn five_wrong_tries_void_a_code() {
    let issued = Issued::new().await;
    let code = issued.code().await;
    for _ in 0..4 {
        assert!(is_invalid(&issued.try_code(&wrong(&code)).await));
    }
    issued.try_code(code.as_str()).await.unwrap();

    let code = issued.code().await;
    for _ in 0..5 {
        assert!(is_invalid(&issued.try_code(&wrong(&code)).await));
    }
    assert!(is_invalid(&issued.try_code(code.as_str()).await), "the sixth try, though it is right");
    let code = issued.code().await;
    issued.try_code(code.as_str()).await.unwrap();
}

/// At any moment of its lifetime, and whatever the clock does.
#[tokio::test]
async fn the_tries_of_a_code_do_not_start_again() {
    let issued = Issued::new().await;
    let code = issued.code().await;
    for minute in [0, 9, 3, 10, 0] {
        issued.world.clock.set(NOW.saturating_add(Duration::from_secs(60 * minute)));
        assert!(is_invalid(&issued.try_code(&wrong(&code)).await));
    }
    for minute in [10, 0, 11, 5] {
        issued.world.clock.set(NOW.saturating_add(Duration::from_secs(60 * minute)));
        assert!(is_invalid(&issued.try_code(code.as_str()).await));
    }
}

/// An attacker who can have codes sent without limit.
#[tokio::test]
async fn new_codes_do_not_give_more_than_twenty_wrong_tries_a_day() {
    let issued = Issued::new().await;
    let mut compared = 0;
    for _ in 0..50 {
        let code = issued.code().await;
        for _ in 0..3 {
            match issued.try_code(&wrong(&code)).await {
                Err(Error::InvalidOneTimeToken) => compared += 1,
                Err(Error::TooManyAttempts { retry_after, .. }) => {
                    assert_eq!(retry_after, DAY + Duration::from_millis(1));
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(compared, 20);
    let code = issued.code().await;
    assert!(is_refused(&issued.try_code(code.as_str()).await), "also the right one");
    let link = issued.link(TokenPurpose::MAGIC_LINK).await;
    assert!(issued.tokens.redeem(TokenPurpose::MAGIC_LINK, link.as_str()).await.is_ok(), "a link is not limited");

    issued.world.clock.advance(DAY);
    let code = issued.code().await;
    assert!(is_refused(&issued.try_code(code.as_str()).await));
    issued.world.clock.advance(Duration::from_millis(1));
    issued.try_code(code.as_str()).await.unwrap();
}

#[tokio::test]
async fn each_user_and_purpose_has_a_count() {
    let issued = Issued::new().await;
    for _ in 0..21 {
        let _ = issued.try_code("000000").await;
    }
    assert!(is_refused(&issued.try_code("000000").await));
    let (eve, verification) = (UserId::new("eve"), TokenPurpose::EMAIL_VERIFICATION);
    for (purpose, user) in [(TokenPurpose::MAGIC_LINK, &eve), (verification, &issued.ada)] {
        let code = issued.tokens.issue_code(NewToken::new(purpose, user.clone())).await.unwrap();
        issued.tokens.redeem_code(purpose, user, code.as_str()).await.unwrap();
    }
}

#[tokio::test]
async fn right_codes_do_not_count() {
    let issued = Issued::new().await;
    for _ in 0..100 {
        let code = issued.code().await;
        issued.try_code(code.as_str()).await.unwrap();
    }
}

#[tokio::test]
async fn a_text_that_is_not_a_code_is_not_counted() {
    let issued = Issued::new().await;
    let code = issued.code().await;
    issued.store.take_calls();
    for text in
        ["", "12345", "1234567", " 12345", "12345\n", "\u{ff11}\u{ff12}", "-12345", "12 345", &"1".repeat(9_999)]
    {
        assert!(is_invalid(&issued.try_code(text).await));
    }
    assert!(issued.store.take_calls().is_empty());
    issued.try_code(code.as_str()).await.unwrap();
}

/// Also to the number of operations on the store, and so in time.
#[tokio::test]
async fn a_user_without_a_code_and_one_who_does_not_exist_have_the_same_answers() {
    let issued = Issued::new().await;
    let code = issued.code().await;
    let guess = wrong(&code);
    issued.store.take_calls();
    let mut seen = Vec::new();
    for user in [issued.ada.clone(), UserId::new("eve"), UserId::new("")] {
        let mut answers = Vec::new();
        for _ in 0..25 {
            let error = issued.tokens.redeem_code(TokenPurpose::MAGIC_LINK, &user, &guess).await.unwrap_err();
            answers.push((format!("{error:?}"), issued.store.take_calls()));
        }
        seen.push(answers);
    }
    assert_eq!(seen[0][0].1, ["add_to_counter", "get_token", "add_to_counter"]);
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[1], seen[2]);
}

#[tokio::test]
async fn counters_at_their_maximum_refuse() {
    let issued = Issued::new().await;
    let code = issued.code().await;
    assert!(is_invalid(&issued.try_code(&wrong(&code)).await));
    let counters = issued.store.counters();
    assert_eq!(counters.len(), 2);
    let (daily, of_code) = (&counters[0], &counters[1]);
    let fill = async |key: &str| {
        let count = issued.store.store().add_to_counter(key, i64::MAX, Duration::MAX, NOW).await.unwrap();
        assert_eq!(count.value, Count::MAX);
    };
    fill(of_code).await;
    assert!(is_invalid(&issued.try_code(code.as_str()).await));
    fill(daily).await;
    for _ in 0..3 {
        assert!(is_refused(&issued.try_code(code.as_str()).await));
    }
}

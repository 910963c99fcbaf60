use lucia_auth::{Client, Error, Limit, Outage};

use super::{QUARTER, Throttled, from, is_refused};

#[tokio::test]
async fn an_open_throttle_lets_everybody_try_during_an_outage() {
    let throttled = Throttled::new().await;
    throttled.attack("ada").await;
    throttled.counters.fail_next(usize::MAX);
    for _ in 0..20 {
        assert!(matches!(throttled.guess("ada", &Client::new()).await, Err(Error::InvalidPassword)));
    }
    throttled.sign_in("ada", &from("203.0.113.7")).await.unwrap();
    throttled.counters.fail_next(0);
    assert!(is_refused(&throttled.sign_in("ada", &Client::new()).await));
}

#[tokio::test]
async fn a_closed_throttle_fails_during_an_outage_and_nothing_is_verified() {
    let throttled = Throttled::with(|throttle| throttle.on_outage(Outage::Closed)).await;
    throttled.counters.fail_next(usize::MAX);
    for _ in 0..20 {
        let error = throttled.sign_in("ada", &Client::new()).await.unwrap_err();
        assert!(error.is_unavailable() && !error.is_invalid_credentials());
        assert!(matches!(&error, Error::Adapter(error) if error.operation() == Some("add_to_counter")), "{error:?}");
    }
    assert_eq!((throttled.world.hasher.take(), throttled.world.adapter.take_calls().len()), (0, 0));
    throttled.counters.fail_next(0);
    throttled.sign_in("ada", &Client::new()).await.unwrap();
}

#[tokio::test]
async fn an_outage_between_the_counters_gives_the_first_back() {
    let limits =
        |throttle: lucia_auth::Throttle| throttle.on_outage(Outage::Closed).per_address(Limit::new(1, QUARTER));
    let throttled = Throttled::with(limits).await;
    let client = from("203.0.113.7");
    for _ in 0..5 {
        throttled.counters.fail_after(1, 1);
        assert!(throttled.sign_in("ada", &client).await.unwrap_err().is_unavailable());
    }
    throttled.sign_in("ada", &client).await.unwrap();
}

#[tokio::test]
async fn an_outage_between_counting_and_verifying_does_not_count() {
    let throttled = Throttled::new().await;
    throttled.world.adapter.fail(Some("get_key"));
    for _ in 0..20 {
        assert!(throttled.guess("ada", &from("203.0.113.7")).await.unwrap_err().is_unavailable());
    }
    throttled.world.adapter.fail(None);
    throttled.attack("ada").await;
}

#[tokio::test]
async fn a_sign_in_succeeds_even_if_it_cannot_be_given_back() {
    let throttled = Throttled::new().await;
    for _ in 0..10 {
        throttled.counters.fail_after(1, 1);
        throttled.sign_in("ada", &Client::new()).await.unwrap();
    }
    assert!(is_refused(&throttled.sign_in("ada", &Client::new()).await), "they stayed counted");
}

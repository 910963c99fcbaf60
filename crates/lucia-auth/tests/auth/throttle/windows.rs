use std::time::Duration;

use lucia_auth::{
    Client, Error, Limit, UnixMillis,
    lucia_core::{Count, TokenAdapter as _},
};

use super::{QUARTER, Throttled, is_refused};
use crate::support::NOW;

const MILLI: Duration = Duration::from_millis(1);

async fn retry_after(throttled: &Throttled) -> Option<Duration> {
    throttled.sign_in("ada", &Client::new()).await.err().and_then(|error| error.retry_after())
}

#[tokio::test]
async fn a_window_ends_after_its_last_millisecond() {
    let throttled = Throttled::new().await;
    throttled.attack("ada").await;
    assert_eq!(retry_after(&throttled).await, Some(QUARTER + MILLI));
    throttled.world.clock.advance(QUARTER);
    assert_eq!(retry_after(&throttled).await, Some(MILLI));
    throttled.world.clock.advance(MILLI);
    assert_eq!(retry_after(&throttled).await, None);
    throttled.attack("ada").await;
}

#[tokio::test]
async fn a_clock_that_goes_back_lets_nobody_in() {
    let throttled = Throttled::new().await;
    throttled.attack("ada").await;
    for earlier in [NOW.get() - 1, NOW.get() - 86_400_000, -1, i64::MIN] {
        throttled.world.clock.set(UnixMillis::new(earlier));
        let until_the_end = NOW.saturating_add(QUARTER).saturating_duration_since(UnixMillis::new(earlier));
        assert_eq!(retry_after(&throttled).await, Some(until_the_end + MILLI), "{earlier}");
    }
    throttled.world.clock.set(NOW);
    assert_eq!(retry_after(&throttled).await, Some(QUARTER + MILLI));
    throttled.world.clock.set(UnixMillis::MAX);
    assert_eq!(retry_after(&throttled).await, None);
}

/// Also if the clock of the process is behind that of another, which has opened the next window already.
#[tokio::test]
async fn an_attempt_is_not_given_back_to_a_later_window() {
    for is_clock_behind in [false, true] {
        let throttled = Throttled::with(|throttle| throttle.per_account(Limit::new(1, QUARTER))).await;
        let client = Client::new();
        let attempt = || throttled.auth.attempt("pay", "ada", &client);
        let old = attempt().await.unwrap();
        throttled.world.clock.advance(QUARTER + MILLI);
        let _new = attempt().await.unwrap();
        if is_clock_behind {
            throttled.world.clock.set(NOW);
        }
        old.give_back().await;
        assert!(is_refused(&attempt().await), "{is_clock_behind}");
    }
}

#[tokio::test]
async fn a_counter_at_its_maximum_refuses_until_its_window_ends() {
    let throttled = Throttled::new().await;
    throttled.guess("ada", &Client::new()).await.unwrap_err();
    let counters = throttled.counters.keys();
    assert_eq!(counters.len(), 1);
    let count = throttled.counters.store().add_to_counter(&counters[0], i64::MAX, QUARTER, NOW).await.unwrap();
    assert_eq!(count.value, Count::MAX);
    for _ in 0..3 {
        let error = throttled.sign_in("ada", &Client::new()).await.unwrap_err();
        assert!(matches!(error, Error::TooManyAttempts { .. }));
    }
    throttled.world.clock.advance(QUARTER + MILLI);
    throttled.sign_in("ada", &Client::new()).await.unwrap();
}

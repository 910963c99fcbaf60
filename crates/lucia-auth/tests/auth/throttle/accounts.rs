use std::time::Duration;

use lucia_auth::{Auth, BuildError, Client, Limit, Throttle, lucia_core::memory::MemoryAdapter};

use super::{QUARTER, Throttled, builder, is_refused, key};
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn of_parallel_guesses_over_three_processes_exactly_the_allowed_number_is_verified() {
    let (world, counters) = (World::new(), MemoryAdapter::new());
    let auths: Vec<Auth> =
        (0..3).map(|_| builder(&world, Throttle::new(counters.clone(), key())).build().unwrap()).collect();
    for name in ["ada", "nobody"] {
        let guesses: Vec<_> = (0..300)
            .map(|index| {
                let auth = auths[index % 3].clone();
                tokio::spawn(async move { auth.use_key_with_password(("username", name), "wrong").await })
            })
            .collect();
        let (mut verified, mut refused) = (0, 0);
        for guess in guesses {
            let result = guess.await.unwrap();
            refused += usize::from(is_refused(&result));
            verified += usize::from(result.unwrap_err().is_invalid_credentials());
        }
        assert_eq!((verified, refused, world.hasher.take()), (10, 290, 10), "{name}");
    }
}

#[tokio::test]
async fn an_unknown_account_is_limited_in_the_same_way() {
    let throttled = Throttled::new().await;
    let mut observed = Vec::new();
    for name in ["ada", "nobody"] {
        let mut answers = Vec::new();
        for _ in 0..13 {
            let error = throttled.guess(name, &Client::new()).await.unwrap_err();
            answers.push((error.is_invalid_credentials(), error.retry_after()));
        }
        observed.push((answers, throttled.world.hasher.take(), throttled.world.adapter.take_calls()));
    }
    assert_eq!(observed[0], observed[1]);
    assert_eq!(observed[0].0[9], (true, None));
    assert_eq!(observed[0].0[10], (false, Some(QUARTER + Duration::from_millis(1))));
    assert_eq!(observed[0].2, ["get_key"; 10], "a refused guess does not read the store");
}

#[tokio::test]
async fn a_correct_password_does_not_count() {
    let throttled = Throttled::new().await;
    for _ in 0..9 {
        assert!(!is_refused(&throttled.guess("ada", &Client::new()).await));
    }
    for _ in 0..30 {
        throttled.sign_in("ada", &Client::new()).await.unwrap();
    }
    assert!(!is_refused(&throttled.guess("ada", &Client::new()).await));
    assert!(is_refused(&throttled.guess("ada", &Client::new()).await), "nor does it forget the wrong ones");
    throttled.sign_in("eve", &Client::new()).await.unwrap();
}

#[tokio::test]
async fn a_refused_attempt_does_not_count() {
    let throttled = Throttled::with(|throttle| throttle.per_account(Limit::new(2, QUARTER))).await;
    let client = Client::new();
    let attempt = || throttled.auth.attempt("pay", "ada", &client);
    let (one, two) = (attempt().await.unwrap(), attempt().await.unwrap());
    for _ in 0..5 {
        assert!(is_refused(&attempt().await));
    }
    one.give_back().await;
    two.give_back().await;
    let (_one, _two) = (attempt().await.unwrap(), attempt().await.unwrap());
    assert!(is_refused(&attempt().await));
}

/// A client that hangs up would otherwise have as many guesses as it likes.
#[tokio::test]
async fn a_dropped_sign_in_stays_counted() {
    let throttled = Throttled::new().await;
    for _ in 0..10 {
        let client = Client::new();
        tokio::select! {
            biased;
            _ = throttled.guess("ada", &client) => {}
            () = std::future::ready(()) => {}
        }
    }
    assert!(is_refused(&throttled.sign_in("ada", &Client::new()).await));
}

#[tokio::test]
async fn without_configuration_the_limit_is_that_of_the_process() {
    let world = World::new();
    let (one, other) = (world.auth(), world.auth());
    let guess = |auth: Auth| async move { auth.use_key_with_password(("username", "ada"), "wrong").await };
    for _ in 0..10 {
        assert!(!is_refused(&guess(one.clone()).await));
    }
    assert!(is_refused(&guess(one.clone()).await));
    assert!(!is_refused(&guess(other).await));

    let off = world.builder().throttle(Throttle::off()).build().unwrap();
    for _ in 0..30 {
        assert!(!is_refused(&guess(off.clone()).await));
    }
}

#[tokio::test]
async fn counters_name_neither_accounts_nor_addresses() {
    let throttled = Throttled::new().await;
    throttled.guess("ada", &super::from("203.0.113.7")).await.unwrap_err();
    let keys = throttled.counters.keys();
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit())), "{keys:?}");

    let other = Throttled::new().await;
    other.guess("ada", &super::from("203.0.113.7")).await.unwrap_err();
    assert_eq!(other.counters.keys(), keys, "processes with the same key count together");
}

#[test]
fn a_limit_of_zero_is_misconfigured() {
    for (option, throttle) in [
        ("per_account", Throttle::in_memory().per_account(Limit::new(0, QUARTER))),
        ("per_device", Throttle::in_memory().per_device(Limit::new(1, Duration::ZERO))),
        ("per_address", Throttle::off().per_address(Limit::new(1, Duration::from_micros(999)))),
    ] {
        let error = World::new().builder().throttle(throttle).build().unwrap_err();
        assert!(matches!(error, BuildError::ZeroLimit { option: found, .. } if found == option), "{error}");
    }
}

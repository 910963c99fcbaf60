use lucia_auth::{Client, Limit};

use super::{QUARTER, Throttled, from, is_refused};

async fn three_per_address() -> Throttled {
    Throttled::with(|throttle| throttle.per_address(Limit::new(3, QUARTER))).await
}

#[tokio::test]
async fn an_address_is_refused_over_all_accounts_before_anything_else() {
    let throttled = three_per_address().await;
    let attacker = from("203.0.113.7");
    for name in ["a", "b", "c"] {
        assert!(!is_refused(&throttled.guess(name, &attacker).await));
    }
    throttled.world.hasher.take();
    throttled.world.adapter.take_calls();
    for _ in 0..30 {
        assert!(is_refused(&throttled.sign_in("ada", &attacker).await));
    }
    assert_eq!((throttled.world.hasher.take(), throttled.world.adapter.take_calls().len()), (0, 0));
    throttled.sign_in("ada", &from("203.0.113.8")).await.unwrap();
    throttled.sign_in("ada", &Client::new()).await.unwrap();
}

#[tokio::test]
async fn an_ipv6_client_is_its_network_and_a_mapped_address_is_ipv4() {
    for (addresses, own) in [
        (["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::"], true),
        (["2001:db8:1:2::1", "2001:db8:1:3::1", "2001:db8:1:4::1"], false),
        (["203.0.113.7", "::ffff:203.0.113.7", "::ffff:cb00:7107"], true),
        (["203.0.113.7", "203.0.113.8", "::ffff:203.0.113.9"], false),
    ] {
        let throttled = Throttled::with(|throttle| throttle.per_address(Limit::new(2, QUARTER))).await;
        let mut refused = false;
        for (index, address) in addresses.iter().enumerate() {
            refused = is_refused(&throttled.guess(&index.to_string(), &from(address)).await);
        }
        assert_eq!(refused, own, "{addresses:?}");
    }
}

#[tokio::test]
async fn a_correct_password_does_not_count_for_the_address() {
    let throttled = three_per_address().await;
    let office = from("203.0.113.7");
    for _ in 0..10 {
        throttled.sign_in("ada", &office).await.unwrap();
        throttled.sign_in("eve", &office).await.unwrap();
    }
}

#[tokio::test]
async fn guesses_that_the_account_refuses_count_for_the_address() {
    let throttled = Throttled::with(|throttle| throttle.per_address(Limit::new(15, QUARTER))).await;
    let attacker = from("203.0.113.7");
    for _ in 0..15 {
        let _ = throttled.guess("ada", &attacker).await;
    }
    assert!(is_refused(&throttled.sign_in("eve", &attacker).await));
}

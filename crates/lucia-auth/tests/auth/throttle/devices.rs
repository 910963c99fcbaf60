use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request, header};
use lucia_auth::{AuthRequest, Client, Limit, SetCookie, Throttle, ThrottleKey};

use super::{QUARTER, Throttled, builder, from, is_refused};
use crate::support::DAY;

/// Signs in on a client, and returns the cookie that it gets.
async fn remembered(throttled: &Throttled, name: &str, client: &Client) -> SetCookie {
    let key = throttled.sign_in(name, client).await.unwrap();
    throttled.auth.device_cookie(client, &key).unwrap()
}

fn device(cookie: &SetCookie) -> Client {
    Client::new().device(cookie.value())
}

fn request(throttled: &Throttled, origin: &str, cookies: &[&str]) -> AuthRequest {
    let mut request = Request::post("/sign-in").header("host", "example.com").header("origin", origin);
    for cookie in cookies {
        request = request.header("cookie", *cookie);
    }
    throttled.auth.handle_request(&request.body(()).unwrap())
}

#[tokio::test]
async fn the_owner_signs_in_with_a_known_device_while_the_account_is_attacked() {
    let throttled = Throttled::new().await;
    let owner = device(&remembered(&throttled, "ada", &Client::new()).await);
    throttled.attack("ada").await;
    assert!(is_refused(&throttled.sign_in("ada", &Client::new()).await), "a stranger knows the password");
    for _ in 0..20 {
        throttled.sign_in("ada", &owner).await.unwrap();
    }
}

#[tokio::test]
async fn a_known_device_has_its_own_limit() {
    let throttled = Throttled::with(|throttle| throttle.per_device(Limit::new(3, QUARTER))).await;
    let stolen = device(&remembered(&throttled, "ada", &Client::new()).await);
    let another = device(&remembered(&throttled, "ada", &Client::new()).await);
    for _ in 0..13 {
        assert!(!is_refused(&throttled.guess("ada", &stolen).await), "three, and ten as a stranger");
    }
    assert!(is_refused(&throttled.sign_in("ada", &stolen).await));
    assert!(is_refused(&throttled.sign_in("ada", &Client::new()).await));
    throttled.sign_in("ada", &another).await.unwrap();
}

/// Everybody behind the same address is a customer of one mobile network, for example.
#[tokio::test]
async fn a_known_device_does_not_count_for_its_address() {
    let throttled = Throttled::with(|throttle| throttle.per_address(Limit::new(3, QUARTER))).await;
    let crowd = from("203.0.113.7");
    let owner = device(&remembered(&throttled, "ada", &crowd).await).address([203, 0, 113, 7].into());
    for _ in 0..5 {
        throttled.guess("ada", &owner).await.unwrap_err();
    }
    for name in ["a", "b", "c"] {
        assert!(!is_refused(&throttled.guess(name, &crowd).await));
    }
    assert!(is_refused(&throttled.sign_in("ada", &crowd).await));
    throttled.sign_in("ada", &owner).await.unwrap();
    assert!(is_refused(&throttled.sign_in("eve", &owner).await), "it is not a device of Eve's");
}

/// Whoever knew the password has as many devices as they signed in.
#[tokio::test]
async fn all_known_devices_of_an_account_share_a_limit() {
    let throttled = Throttled::with(|throttle| throttle.per_device(Limit::new(3, QUARTER))).await;
    let mut devices = Vec::new();
    for _ in 0..20 {
        devices.push(device(&remembered(&throttled, "ada", &Client::new()).await));
    }
    throttled.world.hasher.take();
    for _ in 0..30 {
        assert!(throttled.guess("ada", &devices[0]).await.is_err());
    }
    assert_eq!(throttled.world.hasher.take(), 13, "three, and ten as a stranger");
    for device in &devices[1..] {
        for _ in 0..5 {
            assert!(throttled.guess("ada", device).await.is_err());
        }
    }
    assert_eq!(throttled.world.hasher.take(), 6, "nine for all of them");
    let error = throttled.sign_in("ada", &devices[19]).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(QUARTER + Duration::from_millis(1)));
    throttled.world.clock.advance(QUARTER + Duration::from_millis(1));
    throttled.sign_in("ada", &devices[19]).await.unwrap();
}

/// Whoever knew the password uses up the attempts of all known devices.
#[tokio::test]
async fn a_known_device_has_the_attempts_of_strangers_as_well() {
    let throttled = Throttled::with(|throttle| throttle.per_device(Limit::new(3, QUARTER))).await;
    let mut devices = Vec::new();
    for _ in 0..4 {
        devices.push(device(&remembered(&throttled, "ada", &Client::new()).await));
    }
    for device in &devices[1..] {
        for _ in 0..3 {
            assert!(!is_refused(&throttled.guess("ada", device).await));
        }
    }
    for _ in 0..20 {
        throttled.sign_in("ada", &devices[0]).await.unwrap();
    }
    throttled.attack("ada").await;
    assert!(is_refused(&throttled.sign_in("ada", &devices[0]).await));
}

#[tokio::test]
async fn a_device_is_known_for_a_year_after_its_last_sign_in() {
    let throttled = Throttled::new().await;
    let mut cookie = remembered(&throttled, "ada", &Client::new()).await;
    for _ in 0..2 {
        throttled.world.clock.advance(365 * DAY);
        throttled.attack("ada").await;
        cookie = remembered(&throttled, "ada", &device(&cookie)).await;
        assert_eq!(cookie.value().split('.').count(), 2, "the new mark replaces the old one");
    }
    throttled.world.clock.advance(366 * DAY);
    throttled.attack("ada").await;
    assert!(is_refused(&throttled.sign_in("ada", &device(&cookie)).await));
}

#[tokio::test]
async fn a_cookie_that_was_not_issued_for_the_account_is_ignored() {
    let throttled = Throttled::new().await;
    let own = remembered(&throttled, "ada", &Client::new()).await.value().to_owned();
    let foreign = remembered(&throttled, "eve", &Client::new()).await.value().to_owned();
    let other_key = Throttle::new(throttled.counters.clone(), ThrottleKey::from_bytes([8; 32]));
    let other = builder(&throttled.world, other_key).build().unwrap();
    let key = other.use_key_with_password(("username", "ada"), "ada's password").await.unwrap();
    let other_keys = other.device_cookie(&Client::new(), &key).unwrap().value().to_owned();
    throttled.attack("ada").await;

    let ((own_id, own_mark), (foreign_id, foreign_mark)) =
        (own.split_once('.').unwrap(), foreign.split_once('.').unwrap());
    let flipped = if own_mark.starts_with('A') { "B" } else { "A" };
    for forged in [
        &foreign,
        &other_keys,
        &format!("{own_id}.{foreign_mark}"),
        &format!("{foreign_id}.{own_mark}"),
        &format!("{own_id}.{flipped}{}", &own_mark[1..]),
        &format!("{own_id}.{}", &own_mark[..20]),
        // Another day.
        &format!("{own_id}.AAA{}", &own_mark[3..]),
        &format!("{own}.{own_mark}.{own_mark}.{own_mark}.{own_mark}"),
        &format!("{own}{}", "A".repeat(100_000)),
        &format!("{own}."),
        own_id,
        "",
    ] {
        let client = Client::new().device(forged);
        assert!(is_refused(&throttled.sign_in("ada", &client).await), "{forged:.200}");
    }
    throttled.sign_in("ada", &Client::new().device(&own)).await.unwrap();
}

#[tokio::test]
async fn a_planted_cookie_does_not_hide_the_own_one() {
    let throttled = Throttled::new().await;
    let own = remembered(&throttled, "ada", &Client::new()).await;
    let foreign = remembered(&throttled, "eve", &Client::new()).await;
    throttled.attack("ada").await;
    let cookie = |cookie: &SetCookie| format!("auth_device={}", cookie.value());
    let (own, foreign) = (cookie(&own), cookie(&foreign));
    let together = format!("{foreign}; theme=dark; auth_device=garbage; auth_device; {own}");
    for (cookies, signs_in) in [
        (&[own.as_str()][..], true),
        (&[foreign.as_str(), own.as_str()], true),
        (&[together.as_str()], true),
        (&[foreign.as_str(); 4], false),
        (&[&foreign, &foreign, &foreign, &foreign, &own], false),
    ] {
        let request = request(&throttled, "https://example.com", cookies);
        let result = throttled.sign_in("ada", request.client()).await;
        assert_eq!(result.is_ok(), signs_in, "{cookies:?}");
    }
    // A page of another site must not use up the attempts of its visitor's device.
    let foreign_origin = request(&throttled, "https://evil.example", &[&own]);
    assert!(is_refused(&throttled.sign_in("ada", foreign_origin.client()).await));
}

#[tokio::test]
async fn one_device_remembers_four_accounts() {
    let throttled = Throttled::new().await;
    let mut cookie = remembered(&throttled, "eve", &Client::new()).await;
    let first_id = cookie.value().split_once('.').unwrap().0.to_owned();
    for _ in 0..5 {
        cookie = remembered(&throttled, "ada", &device(&cookie)).await;
        assert_eq!(cookie.value().split('.').count(), 3, "the id, Ada and Eve");
        assert!(cookie.value().starts_with(&first_id));
    }
    for name in ["ada", "eve"] {
        throttled.attack(name).await;
        throttled.sign_in(name, &device(&cookie)).await.unwrap();
    }
}

#[tokio::test]
async fn the_response_sets_the_cookie_for_a_year() {
    let throttled = Throttled::new().await;
    let request = request(&throttled, "https://example.com", &[]);
    let key = throttled.sign_in("ada", request.client()).await.unwrap();
    request.remember_device(&key).unwrap();
    let mut headers = HeaderMap::new();
    request.write_headers(&mut headers);
    let [cookie] = headers.get_all(header::SET_COOKIE).iter().collect::<Vec<_>>()[..] else { panic!("{headers:?}") };
    assert!(cookie.is_sensitive());
    let (value, attributes) = cookie.to_str().unwrap().split_once("; ").unwrap();
    assert_eq!(
        attributes,
        "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=31536000; Expires=Wed, 13 Nov 2024 22:13:20 GMT"
    );
    assert_eq!(headers.get(header::CACHE_CONTROL), Some(&HeaderValue::from_static("no-store")));
    throttled.attack("ada").await;
    let value = value.strip_prefix("auth_device=").unwrap();
    throttled.sign_in("ada", &Client::new().device(value)).await.unwrap();
    assert!(request.pending_cookie().is_none(), "nobody was signed in");
}

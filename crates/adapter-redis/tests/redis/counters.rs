//! Counters: their key, its expiry, and calls that a driver repeats.

use std::{collections::HashMap, time::Duration};

use lucia_core::{AdapterErrorKind as Kind, Count, TokenAdapter, UnixMillis};

use crate::{
    place::{Place, assert_kind, now},
    seam::Repeating,
};

const NONE: &[&str] = &[];
const WINDOW: Duration = Duration::from_secs(600);

fn shifted(millis: i64) -> UnixMillis {
    UnixMillis::new(now().get() + millis)
}

async fn fields(place: &Place, key: &str) -> HashMap<String, String> {
    place.run("HGETALL", &place.counter_key(key), NONE).await
}

#[tokio::test]
async fn a_counter_expires_after_a_whole_window_by_both_clocks() {
    const HOUR: i64 = 3_600_000;
    let place = Place::new().await;
    let adapter = place.adapter().await;
    for (number, ahead) in [0, -HOUR, -24 * HOUR, HOUR].into_iter().enumerate() {
        let (key, start) = (number.to_string(), shifted(ahead));
        let before = now();
        let count = adapter.add_to_counter(&key, 1, WINDOW, start).await.unwrap();
        assert_eq!(count, Count { value: 1, expires: start.saturating_add(WINDOW) });
        let after = now();
        let expiry = UnixMillis::new(place.expiry(&place.counter_key(&key)).await);
        let latest = |now: UnixMillis| count.expires.max(now.saturating_add(WINDOW));
        assert!((latest(before)..=latest(after)).contains(&expiry), "{ahead}: {expiry}");
        // Later amounts do not move it.
        adapter.add_to_counter(&key, 1, 9 * WINDOW, start).await.unwrap();
        assert_eq!(place.expiry(&place.counter_key(&key)).await, expiry.get());
        assert!(fields(&place, &key).await["count"].starts_with("2 "));
    }
    adapter.add_to_counter("endless", 1, Duration::MAX, now()).await.unwrap();
    assert!(place.expiry(&place.counter_key("endless")).await > 9_000_000_000_000_000);
}

#[tokio::test]
async fn a_repeated_call_counts_once() {
    let place = Place::new().await;
    let adapter = place.adapter_on(Repeating(place.connections())).await;
    let start = now();
    let mut sums = Vec::new();
    for by in [1, 1, 5, -2, 0, -9, 3] {
        sums.push(adapter.add_to_counter("k", by, WINDOW, start).await.unwrap().value);
    }
    assert_eq!(sums, [1, 2, 7, 5, 5, 0, 3]);
    let next = UnixMillis::new(start.saturating_add(WINDOW).get() + 1);
    assert_eq!(adapter.add_to_counter("k", 1, WINDOW, next).await.unwrap().value, 1, "the next window");
    assert_eq!(adapter.add_to_counter("none", 0, WINDOW, next).await.unwrap(), Count { value: 0, expires: next });
    assert!(!place.exists(&place.counter_key("none")).await);
}

/// A call is repeated after others have counted: it returns its own sum.
#[tokio::test]
async fn a_late_repetition_returns_the_sum_of_its_call() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    let start = now();
    let expires = start.saturating_add(WINDOW).get();
    let mut call = redis::cmd("EVAL");
    call.arg(include_str!("../../src/script/add_to_counter.lua")).arg(1).arg(place.counter_key("k"));
    call.arg("c1").arg(1).arg(start.get()).arg(expires).arg(WINDOW.as_millis() as u64);
    assert_eq!(place.query::<String>(&call).await, format!("1 {expires}"));
    for _ in 0..3 {
        adapter.add_to_counter("k", 1, WINDOW, start).await.unwrap();
    }
    assert_eq!(place.query::<String>(&call).await, format!("1 {expires}"));
    assert_eq!(adapter.add_to_counter("k", 0, WINDOW, start).await.unwrap().value, 4);
}

#[tokio::test]
async fn calls_are_kept_for_two_minutes_at_most() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    for _ in 0..20 {
        adapter.add_to_counter("k", 1, WINDOW, now()).await.unwrap();
    }
    let minute = now().get() / 60_000;
    assert!(fields(&place, "k").await.len() >= 22);
    // As if those calls were two minutes older, except one.
    let mut aged = redis::cmd("HSET");
    aged.arg(place.counter_key("k")).arg("minute").arg(minute - 2).arg(format!("{}:kept", minute - 1)).arg("9 9");
    for (field, count) in fields(&place, "k").await {
        if let Some((stored, call)) = field.split_once(':') {
            place.run::<i64>("HDEL", &place.counter_key("k"), &field).await;
            aged.arg(format!("{}:{call}", stored.parse::<i64>().unwrap() - 3)).arg(count);
        }
    }
    let _: i64 = place.query(&aged).await;
    assert_eq!(adapter.add_to_counter("k", 1, WINDOW, now()).await.unwrap().value, 21);
    let left = fields(&place, "k").await;
    let calls: Vec<_> = left.keys().filter(|field| field.contains(':')).collect();
    // The minute may have ended meanwhile, after which the kept one is too old.
    assert!((1..=2).contains(&calls.len()), "{left:?}");
}

#[tokio::test]
async fn data_of_other_programs_is_an_error_and_stays() {
    let place = Place::new().await;
    let adapter = place.adapter().await;
    place.run::<()>("SET", &place.counter_key("text"), "7").await;
    assert_kind(adapter.add_to_counter("text", 1, WINDOW, now()).await, Kind::Decode);
    assert_eq!(place.run::<String>("GET", &place.counter_key("text"), NONE).await, "7");
}

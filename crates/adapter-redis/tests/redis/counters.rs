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
    let adapter = place.tokens().await;
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
    let adapter = place.tokens_on(Repeating(place.connections())).await;
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
    let adapter = place.tokens().await;
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

/// Neither its memory nor the time of a call grows with the number of calls.
#[tokio::test]
async fn a_counter_keeps_the_last_thousand_calls() {
    let place = Place::new().await;
    let adapter = place.tokens().await;
    let start = now();
    for _ in 0..1_300 {
        adapter.add_to_counter("k", 1, WINDOW, start).await.unwrap();
    }
    let kept = fields(&place, "k").await;
    let expires = start.saturating_add(WINDOW);
    assert_eq!(kept["count"], format!("1300 {expires}"));
    let mut sums: Vec<u64> = kept
        .iter()
        .filter(|(field, _)| !field.starts_with('#') && !["count", "calls"].contains(&field.as_str()))
        .map(|(_, count)| count.split_once(' ').unwrap().0.parse().unwrap())
        .collect();
    sums.sort_unstable();
    assert_eq!(sums, (301..=1_300).collect::<Vec<_>>());
    assert_eq!(kept.len(), 2 + 2 * sums.len());
}

#[tokio::test]
async fn data_of_other_programs_is_an_error_and_stays() {
    let place = Place::new().await;
    let adapter = place.tokens().await;
    place.run::<()>("SET", &place.counter_key("text"), "7").await;
    assert_kind(adapter.add_to_counter("text", 1, WINDOW, now()).await, Kind::Decode);
    assert_eq!(place.run::<String>("GET", &place.counter_key("text"), NONE).await, "7");
}

use std::time::Duration;

use lucia_core::{Count, TokenAdapter};

use super::steps::{WINDOW, at};
use crate::{
    case::{Case, case},
    context::{Tokens, pause, task},
    ensure::{CaseResult, ensure_eq, ensure_same},
    sample,
};

pub(super) const CASES: &[Case<dyn TokenAdapter>] = &[
    case!(add_to_counter_counts_from_zero),
    case!(add_to_counter_takes_amounts_back),
    case!(add_to_counter_takes_amounts_back_only_from_their_window),
    case!(add_to_counter_stays_within_its_limits),
    case!(parallel_add_to_counter_is_exact),
];

async fn add_to_counter_counts_from_zero(cx: Tokens) -> CaseResult {
    let (now, key, other) = (cx.now(), sample::text(20), sample::text(20));
    let expires = now.saturating_add(WINDOW);
    for (by, value) in [(1, 1), (1, 2), (5, 7), (0, 7), (1_000_000, 1_000_007)] {
        let count = cx.add_at(&key, by, now).await?;
        ensure_eq(&count, &Count { value, expires }, &format!("the counter after {by}"))?;
    }
    ensure_eq(&cx.add_at(&other, 3, now).await?, &Count { value: 3, expires }, "the first amount of another counter")?;
    ensure_eq(&cx.add_at(&key, 0, now).await?.value, &1_000_007, "the counter, after another one")
}

async fn add_to_counter_takes_amounts_back(cx: Tokens) -> CaseResult {
    let (now, key) = (cx.now(), sample::text(20));
    let expires = now.saturating_add(WINDOW);
    for (by, value) in [(5, 5), (-2, 3), (-3, 0), (4, 4), (-1, 3)] {
        let count = cx.add_at(&key, by, now).await?;
        ensure_eq(&count, &Count { value, expires }, &format!("the counter after {by}"))?;
    }
    Ok(())
}

async fn add_to_counter_takes_amounts_back_only_from_their_window(cx: Tokens) -> CaseResult {
    let (now, key) = (cx.now(), sample::text(20));
    let old = cx.add_at(&key, 2, now).await?;
    let taken = cx.adapter.add_to_counter(&key, -1, Duration::ZERO, old.expires).await?;
    ensure_eq(&taken, &Count { value: 1, ..old }, "the window to which an amount was added")?;
    let new = cx.add_at(&key, 3, at(old.expires, 1)).await?;
    let kept = Count { value: 0, expires: old.expires };
    for _ in 0..2 {
        let taken = cx.adapter.add_to_counter(&key, -1, Duration::ZERO, old.expires).await?;
        ensure_eq(&taken, &kept, "the window to which an amount was added, during the next one")?;
    }
    let short = cx.adapter.add_to_counter(&key, -1, WINDOW, old.expires).await?;
    ensure_eq(&short, &kept, "a window that ends a millisecond later")?;
    ensure_eq(&cx.add_at(&key, 0, at(old.expires, 1)).await?, &new, "the next window")?;
    let exact = cx.adapter.add_to_counter(&key, -1, WINDOW + Duration::from_millis(1), old.expires).await?;
    ensure_eq(&exact, &Count { value: 2, ..new }, "a window that ends just then")?;
    let any = cx.adapter.add_to_counter(&key, -1, Duration::MAX, old.expires).await?;
    ensure_eq(&any, &Count { value: 1, ..new }, "a window that ends before a time without an end")
}

async fn add_to_counter_stays_within_its_limits(cx: Tokens) -> CaseResult {
    let (now, key) = (cx.now(), sample::text(20));
    for (by, value) in [
        (1, 1),
        (-2, 0),
        (-1, 0),
        (i64::MIN, 0),
        (7, 7),
        (i64::MAX, Count::MAX),
        (1, Count::MAX),
        (i64::MAX, Count::MAX),
        (-1, Count::MAX - 1),
        (-1, Count::MAX - 2),
        (1, Count::MAX - 1),
        (2, Count::MAX),
        (i64::MIN, 0),
        (1, 1),
    ] {
        ensure_eq(&cx.add_at(&key, by, now).await?.value, &value, &format!("the counter after {by}"))?;
    }
    let first = cx.add_at(&sample::text(20), i64::MAX, now).await?;
    ensure_eq(&first.value, &Count::MAX, "a counter whose first amount is too large")
}

async fn parallel_add_to_counter_is_exact(cx: Tokens) -> CaseResult {
    const CALLS: u64 = 100;
    let (now, key) = (cx.now(), sample::text(20));
    // First there is no counter, then one that has expired.
    for now in [now, at(now, 1 + 600_000)] {
        let tasks = (0..CALLS).map(|index| {
            let (adapter, key) = (cx.adapter(), key.clone());
            task(async move {
                pause(usize::from(index % 7 == 6)).await;
                adapter.add_to_counter(&key, 1, WINDOW, now).await
            })
        });
        let mut values = Vec::new();
        for outcome in cx.concurrently(tasks).await? {
            let count = outcome?;
            ensure_eq(&count.expires, &now.saturating_add(WINDOW), "the end of the window")?;
            values.push(count.value);
        }
        ensure_same(values, (1..=CALLS).collect(), "the results of 100 parallel calls, each of its own")?;
    }
    let now = at(now, 1 + 600_000);
    let tasks = (0..CALLS).map(|index| {
        let (adapter, key, by) = (cx.adapter(), key.clone(), if index % 2 == 0 { 3 } else { -2 });
        task(async move { adapter.add_to_counter(&key, by, WINDOW, now).await })
    });
    for outcome in cx.concurrently(tasks).await? {
        outcome?;
    }
    ensure_eq(&cx.add_at(&key, 0, now).await?.value, &150, "100, and 50 times 3 and -2 in parallel")
}

use std::time::Duration;

use lucia_core::{Count, TokenAdapter};

use super::steps::{WINDOW, at};
use crate::{
    case::{Case, case},
    context::Tokens,
    ensure::{CaseResult, ensure, ensure_eq},
    sample,
};

pub(super) const CASES: &[Case<dyn TokenAdapter>] = &[
    case!(add_to_counter_keeps_the_window_of_the_first_amount),
    case!(add_to_counter_starts_again_after_the_last_millisecond),
    case!(add_to_counter_of_nothing_opens_no_window),
    case!(add_to_counter_goes_by_the_given_time),
    case!(add_to_counter_accepts_any_window),
];

async fn add_to_counter_keeps_the_window_of_the_first_amount(cx: Tokens) -> CaseResult {
    let (now, key) = (cx.now(), sample::text(20));
    let first = cx.add_at(&key, 2, now).await?;
    for (later, window, by, value) in
        [(1, 10 * WINDOW, 1, 3), (1_000, WINDOW, -3, 0), (2_000, 2 * WINDOW, 1, 1), (3_000, Duration::ZERO, 1, 2)]
    {
        let count = cx.adapter.add_to_counter(&key, by, window, at(now, later)).await?;
        let expected = Count { value, expires: first.expires };
        ensure_eq(&count, &expected, &format!("the counter {later} ms later, with a window of {window:?}"))?;
    }
    Ok(())
}

async fn add_to_counter_starts_again_after_the_last_millisecond(cx: Tokens) -> CaseResult {
    let (mut now, key) = (cx.now(), sample::text(20));
    for _ in 0..2 {
        let first = cx.add_at(&key, 2, now).await?;
        ensure_eq(&first, &Count { value: 2, expires: now.saturating_add(WINDOW) }, "the first amount of a window")?;
        let last = cx.add_at(&key, 1, first.expires).await?;
        ensure_eq(&last, &Count { value: 3, ..first }, "the counter at the last millisecond of its window")?;
        now = at(first.expires, 1);
    }
    let short = sample::text(20);
    let mut count = cx.adapter.add_to_counter(&short, 1, Duration::ZERO, now).await?;
    ensure_eq(&count, &Count { value: 1, expires: now }, "a window of a single millisecond")?;
    count = cx.adapter.add_to_counter(&short, 1, Duration::ZERO, now).await?;
    ensure_eq(&count, &Count { value: 2, expires: now }, "the same millisecond")?;
    count = cx.adapter.add_to_counter(&short, 1, Duration::ZERO, at(now, 1)).await?;
    ensure_eq(&count, &Count { value: 1, expires: at(now, 1) }, "the next millisecond")
}

async fn add_to_counter_of_nothing_opens_no_window(cx: Tokens) -> CaseResult {
    let (now, key) = (cx.now(), sample::text(20));
    let later = |millis| at(now, millis);
    // Before the first window, and after it.
    for start in [0, 2_000_000] {
        for (by, millis) in [(0, 0), (-1, 10), (i64::MIN, 20), (0, 30)] {
            let count = cx.add_at(&key, by, later(start + millis)).await?;
            let expected = Count { value: 0, expires: later(start + millis) };
            ensure_eq(&count, &expected, &format!("an absent counter after {by}"))?;
        }
        let count = cx.add_at(&key, 4, later(start + 40)).await?;
        let expected = Count { value: 4, expires: later(start + 40).saturating_add(WINDOW) };
        ensure_eq(&count, &expected, "the first amount after amounts that are not positive")?;
    }
    Ok(())
}

async fn add_to_counter_goes_by_the_given_time(cx: Tokens) -> CaseResult {
    const HOUR: i64 = 3_600_000;
    for (what, difference) in [("an hour behind", -HOUR), ("a year behind", -24 * 365 * HOUR), ("an hour ahead", HOUR)]
    {
        let (now, key) = (at(cx.now(), difference), sample::text(20));
        let first = cx.add_at(&key, 1, now).await?;
        ensure_eq(&first.expires, &now.saturating_add(WINDOW), &format!("the window by a clock that is {what}"))?;
        for value in 2..5 {
            let count = cx.add_at(&key, 1, at(now, 1_000)).await?;
            ensure_eq(&count, &Count { value, ..first }, &format!("the counter by a clock that is {what}"))?;
        }
        let next = cx.add_at(&key, 1, at(first.expires, 1)).await?;
        ensure_eq(&next.value, &1, &format!("the next window by a clock that is {what}"))?;
    }
    Ok(())
}

async fn add_to_counter_accepts_any_window(cx: Tokens) -> CaseResult {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3_600);
    let now = cx.now();
    let exact = cx.adapter.add_to_counter(&sample::text(20), 1, 100 * YEAR, now).await?;
    ensure_eq(&exact, &Count { value: 1, expires: now.saturating_add(100 * YEAR) }, "a window of a century")?;
    let key = sample::text(20);
    for value in 1..3 {
        let count = cx.adapter.add_to_counter(&key, 1, Duration::MAX, now).await?;
        ensure_eq(&count.value, &value, "a counter without an end")?;
        let ends = format!("a counter without an end expires at {}", count.expires);
        ensure(count.expires >= now.saturating_add(100 * YEAR), ends)?;
    }
    Ok(())
}

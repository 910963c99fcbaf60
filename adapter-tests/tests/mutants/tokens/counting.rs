//! Bugs of counters.

use std::time::Duration;

use lucia_core::{AdapterResult, Count, TokenAdapter as _, UnixMillis};

use super::{
    mutant::{Bug, Mutant},
    store::NOW,
};

/// A counter of a mutant. A correct one is neither negative nor greater than [`Count::MAX`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counter {
    value: i128,
    pub(super) expires: UnixMillis,
}

fn at(time: UnixMillis, millis: i64) -> UnixMillis {
    UnixMillis::new(time.get().saturating_add(millis))
}

pub(super) async fn add(
    mutant: &Mutant,
    key: &str,
    by: i64,
    window: Duration,
    now: UnixMillis,
) -> AdapterResult<Count> {
    let key = match (mutant.bug, key.split_once(':')) {
        (Bug::KeysAreCutAtAColon, Some((start, _))) => start.to_owned(),
        (Bug::KeysIgnoreCase, _) => key.to_lowercase(),
        _ => key.to_owned(),
    };
    if mutant.bug == Bug::CounterReplacesAToken
        && let Some(token) = mutant.find(&key.as_str().into(), |_| true).await?
    {
        mutant.sound.take_token(&token.kind, &token.id).await?;
    }
    if !mutant.bug.counts() {
        return mutant.sound.add_to_counter(&key, by, window, now).await;
    }
    let mut stored = mutant.counters().get(&key).copied();
    match mutant.bug {
        Bug::CounterTakesSteps => tokio::task::yield_now().await,
        Bug::CounterRestartsInSteps if stored.is_some_and(|stored| stored.expires < now) => {
            tokio::task::yield_now().await;
            stored = None;
        }
        _ => {}
    }
    let (counter, count) = added(mutant.bug, stored, by, window, now);
    if let Some(counter) = counter {
        mutant.sound.recorded().insert(key.clone(), counter.expires);
        mutant.counters().insert(key, counter);
    } else {
        mutant.counters().remove(&key);
    }
    Ok(count)
}

/// Returns the counter to store and the result.
fn added(bug: Bug, stored: Option<Counter>, by: i64, window: Duration, now: UnixMillis) -> (Option<Counter>, Count) {
    let end = match bug {
        #[expect(clippy::cast_possible_truncation, reason = "that is the bug")]
        Bug::LongWindowsOverflow => UnixMillis::new(now.get().wrapping_add(window.as_millis() as i64)),
        _ => now.saturating_add(window),
    };
    let is_live = |stored: &Counter| match bug {
        Bug::NegativeAmountsFitAnyWindow => now <= stored.expires,
        _ if by < 0 && stored.expires > now.saturating_add(window) => false,
        Bug::WindowEndsEarly => now < stored.expires,
        Bug::WindowEndsLate => now <= at(stored.expires, 1),
        _ => now <= stored.expires,
    };
    let amount = if bug == Bug::NegativeAmountsAreIgnored { by.max(0) } else { by };
    let (before, expires) = match stored.filter(is_live) {
        Some(stored) => (stored.value, if bug == Bug::WindowIsExtended { end } else { stored.expires }),
        None if by <= 0 && bug != Bug::NothingOpensAWindow => return (stored, Count { value: 0, expires: now }),
        None => (0, end),
    };
    let amount = if bug == Bug::LargeAmountsAreCut { amount.clamp(-1_000, 1_000) } else { amount };
    let value = before + i128::from(amount);
    let value = if bug == Bug::CounterGoesBelowZero { value } else { value.max(0) };
    let value = if bug == Bug::CounterHasNoMaximum { value } else { value.min(i128::from(Count::MAX)) };
    let counter = Counter { value, expires };
    let is_dropped = bug == Bug::WindowEndsAtZero && value == 0 || bug == Bug::PastWindowsAreDropped && expires < NOW;
    let count = Count { value: u64::try_from(value.max(0)).unwrap_or(u64::MAX), expires };
    (Some(counter).filter(|_| !is_dropped), count)
}

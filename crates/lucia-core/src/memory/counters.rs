use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use crate::{Count, UnixMillis};

/// The number of expired counters that a new one removes. More than one, so that their number shrinks.
const REMOVED_BY_NEW: usize = 2;

/// The largest number of counters, about 30 MiB. Without it, whoever can choose keys could fill the memory.
const MAX_COUNTERS: usize = 100_000;

/// Counters by their keys. A new one removes expired ones and, if there are still too many, the smallest one: whoever adds
/// many of their own does not reset another's.
#[derive(Debug, Default)]
pub(super) struct Counters {
    counts: HashMap<Arc<str>, Count>,
    expiries: BTreeSet<(UnixMillis, Arc<str>)>,
    /// In the order of their values, then of their expiries.
    values: BTreeSet<(u64, UnixMillis, Arc<str>)>,
}

impl Counters {
    pub(super) fn add(&mut self, key: &str, by: i64, window: Duration, now: UnixMillis) -> Count {
        let latest = if by < 0 { now.saturating_add(window) } else { UnixMillis::MAX };
        let live = self.counts.get(key).copied().filter(|count| (now..=latest).contains(&count.expires));
        if let Some(count) = live {
            let value = count.value.saturating_add_signed(by).min(Count::MAX);
            return self.replace(key, Count { value, ..count });
        }
        if by <= 0 {
            return Count { value: 0, expires: now };
        }
        self.remove(key);
        self.remove_expired(now, REMOVED_BY_NEW);
        let is_full = self.counts.len() >= MAX_COUNTERS;
        if let Some((_, _, smallest)) = self.values.first().filter(|_| is_full).cloned() {
            self.remove(&smallest);
        }
        self.replace(key, Count { value: by.unsigned_abs().min(Count::MAX), expires: now.saturating_add(window) })
    }

    pub(super) fn remove_expired(&mut self, now: UnixMillis, limit: usize) -> usize {
        let expired = self.expiries.iter().take_while(|(expires, _)| *expires < now).take(limit);
        let keys: Vec<_> = expired.map(|(_, key)| Arc::clone(key)).collect();
        for key in &keys {
            self.remove(key);
        }
        keys.len()
    }

    fn replace(&mut self, key: &str, count: Count) -> Count {
        let key = self.remove(key).unwrap_or_else(|| key.into());
        self.expiries.insert((count.expires, Arc::clone(&key)));
        self.values.insert((count.value, count.expires, Arc::clone(&key)));
        self.counts.insert(key, count);
        count
    }

    fn remove(&mut self, key: &str) -> Option<Arc<str>> {
        let (key, count) = self.counts.remove_entry(key)?;
        self.expiries.remove(&(count.expires, Arc::clone(&key)));
        self.values.remove(&(count.value, count.expires, Arc::clone(&key)));
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_counters_replace_expired_ones() {
        let (mut counters, window) = (Counters::default(), Duration::from_millis(99));
        for millis in 0..10_000 {
            counters.add(&format!("k{millis}"), 1, window, UnixMillis::new(millis));
            assert!(counters.counts.len() <= 100, "{}", counters.counts.len());
            assert_eq!(counters.counts.len(), counters.expiries.len());
        }
        counters.add("k0", 1, window, UnixMillis::new(20_000));
        counters.add("k1", 1, window, UnixMillis::new(20_000));
        assert_eq!(counters.counts.len(), 98, "each removed two of a hundred");
    }

    #[test]
    fn a_full_table_forgets_the_smallest_counters() {
        let (mut counters, window) = (Counters::default(), Duration::from_secs(900));
        let mut add = |key: usize, millis| counters.add(&format!("k{key}"), 1, window, UnixMillis::new(millis)).value;
        for key in 0..MAX_COUNTERS {
            add(key, i64::from(key >= 2));
        }
        assert_eq!(add(0, 1), 2, "guesses at an account");
        for key in MAX_COUNTERS..2 * MAX_COUNTERS {
            assert_eq!(add(key, 1), 1);
        }
        assert_eq!(add(0, 1), 3, "it is kept");
        assert_eq!(add(1, 1), 1, "it was forgotten");
        let lens = [counters.counts.len(), counters.expiries.len(), counters.values.len()];
        assert_eq!(lens, [MAX_COUNTERS; 3]);
    }
}

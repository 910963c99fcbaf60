use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use crate::{Count, UnixMillis};

/// The number of expired counters that a new one removes. More than one, so that their number shrinks.
const REMOVED_BY_NEW: usize = 2;

/// The largest number of counters, about 30 MiB. Without it, whoever can choose keys could fill the memory.
const MAX_COUNTERS: usize = 100_000;

/// Counters by their keys. A new one removes expired ones and, if there are still too many, the one that expires first.
#[derive(Debug, Default)]
pub(super) struct Counters {
    counts: HashMap<String, Count>,
    expiries: BTreeSet<(UnixMillis, String)>,
}

impl Counters {
    pub(super) fn add(&mut self, key: &str, by: i64, window: Duration, now: UnixMillis) -> Count {
        let latest = if by < 0 { now.saturating_add(window) } else { UnixMillis::MAX };
        let live = self.counts.get_mut(key).filter(|count| (now..=latest).contains(&count.expires));
        if let Some(count) = live {
            count.value = count.value.saturating_add_signed(by).min(Count::MAX);
            return *count;
        }
        if by <= 0 {
            return Count { value: 0, expires: now };
        }
        self.remove(key);
        self.remove_expired(now, REMOVED_BY_NEW);
        if self.counts.len() >= MAX_COUNTERS
            && let Some((_, first)) = self.expiries.pop_first()
        {
            self.counts.remove(&first);
        }
        let count = Count { value: by.unsigned_abs().min(Count::MAX), expires: now.saturating_add(window) };
        self.expiries.insert((count.expires, key.to_owned()));
        self.counts.insert(key.to_owned(), count);
        count
    }

    pub(super) fn remove_expired(&mut self, now: UnixMillis, limit: usize) -> usize {
        let expired = self.expiries.iter().take_while(|(expires, _)| *expires < now).take(limit);
        let keys: Vec<_> = expired.map(|(_, key)| key.clone()).collect();
        for key in &keys {
            self.remove(key);
        }
        keys.len()
    }

    fn remove(&mut self, key: &str) {
        if let Some(count) = self.counts.remove(key) {
            self.expiries.remove(&(count.expires, key.to_owned()));
        }
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
    fn a_full_table_forgets_the_counters_that_expire_first() {
        let (mut counters, window) = (Counters::default(), Duration::from_secs(900));
        let mut add = |key: usize, millis| counters.add(&format!("k{key}"), 1, window, UnixMillis::new(millis)).value;
        for key in 0..MAX_COUNTERS {
            add(key, i64::from(key >= 2));
        }
        assert_eq!([add(0, 1), add(1, 1), add(9, 1)], [2; 3], "it is full");
        add(MAX_COUNTERS, 1);
        assert_eq!(add(1, 1), 3);
        assert_eq!(add(0, 1), 1, "it was forgotten, and replaces the next one");
        assert_eq!(add(9, 1), 3);
        assert_eq!((counters.counts.len(), counters.expiries.len()), (MAX_COUNTERS, MAX_COUNTERS));
    }
}

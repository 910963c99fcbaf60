use std::sync::atomic::{AtomicUsize, Ordering};

/// Returns a number for the names of the next case's keys and tables, which no other case has.
pub(crate) fn next_number() -> usize {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    NUMBER.fetch_add(1, Ordering::SeqCst)
}

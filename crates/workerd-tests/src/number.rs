use std::sync::atomic::{AtomicUsize, Ordering};

/// A number for the names of the next case's keys and tables, whichever suite it is in.
pub(crate) fn next_number() -> usize {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    NUMBER.fetch_add(1, Ordering::SeqCst)
}

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The number of lists for which a refusal counts.
const LISTS: u32 = 1_000;

/// Remembers that the server refused `SORT_RO`, so that not every list asks it in vain. It forgets this again, because
/// another server may take over, or the user may get the permission.
#[derive(Debug, Default)]
pub(super) struct SortRefusal(AtomicU32);

impl SortRefusal {
    pub(super) fn remember(&self) {
        self.0.store(LISTS, Relaxed);
    }

    /// Counts a list. Returns `true` if the server would refuse the command.
    pub(super) fn applies(&self) -> bool {
        self.0.fetch_update(Relaxed, Relaxed, |lists| lists.checked_sub(1)).is_ok()
    }
}

use crate::UnixMillis;

/// The state of a counter. [`TokenAdapter::add_to_counter`](crate::TokenAdapter::add_to_counter) returns it.
///
/// ```
/// use lucia_core::{Count, UnixMillis};
///
/// let count = Count { value: 3, expires: UnixMillis::new(1_000) };
/// assert!(count.value < Count::MAX);
/// ```
// Exhaustive, so that every adapter can write it as a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The sum of the amounts in the current window.
    pub value: u64,
    /// The last millisecond of the window.
    pub expires: UnixMillis,
}

impl Count {
    /// The maximum of a counter, 2^53: every store and JSON represent it exactly.
    pub const MAX: u64 = 1 << 53;
}

//! Times and clocks.

mod unix_millis;
mod clock;
mod system_clock;

pub use self::{
    clock::{Clock, ManualClock},
    system_clock::SystemClock,
    unix_millis::UnixMillis,
};

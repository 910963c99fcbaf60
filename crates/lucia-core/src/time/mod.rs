//! Lucia's time, and the door through which the present comes in.

mod unix_millis;
mod clock;
mod system_clock;

pub use self::{
    clock::{Clock, ManualClock},
    system_clock::SystemClock,
    unix_millis::UnixMillis,
};

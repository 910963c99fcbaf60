//! Lucia's time, and the door through which the present comes in.

mod clock;
mod unix_millis;

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub use self::clock::SystemClock;
pub use self::{
    clock::{Clock, ManualClock},
    unix_millis::UnixMillis,
};

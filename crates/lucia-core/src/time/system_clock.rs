use super::{Clock, UnixMillis};

/// The clock of the host: the operating system's, or JavaScript's `Date.now()` on `wasm32-unknown-unknown`.
///
/// On that target it implements [`Clock`] only with the feature `wasm_js`, because not every host runs JavaScript.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl SystemClock {
    /// Returns this clock, or `None` on a target that has no clock.
    #[must_use]
    pub fn detect() -> Option<Box<dyn Clock>> {
        #[cfg(any(not(all(target_arch = "wasm32", target_os = "unknown")), feature = "wasm_js"))]
        return Some(Box::new(Self));
        #[cfg(all(target_arch = "wasm32", target_os = "unknown", not(feature = "wasm_js")))]
        return None;
    }
}

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the only place that reads the system clock")]
    fn now(&self) -> UnixMillis {
        UnixMillis::from(std::time::SystemTime::now())
    }
}

#[cfg(all(target_arch = "wasm32", target_os = "unknown", feature = "wasm_js"))]
impl Clock for SystemClock {
    #[expect(clippy::cast_possible_truncation, reason = "JavaScript's time is a whole number of milliseconds")]
    fn now(&self) -> UnixMillis {
        UnixMillis::new(js_sys::Date::now() as i64)
    }
}

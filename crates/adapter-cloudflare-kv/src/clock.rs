use lucia_core::{Clock, UnixMillis};
use worker::Date;

/// The Worker's clock: `Date.now()`.
///
/// `wasm32-unknown-unknown` has no clock of its own, so `lucia-auth` has to be given this one. A Worker's time stands still while
/// it computes, and moves on with every request that it waits for.
///
/// ```no_run
/// use adapter_cloudflare_kv::WorkerClock;
/// # use lucia_core::memory::MemoryAdapter;
///
/// # fn build(adapter: MemoryAdapter) -> Result<lucia_auth::Auth, lucia_auth::BuildError> {
/// let auth = lucia_auth::Auth::builder(adapter).clock(WorkerClock).build()?;
/// # Ok(auth) }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct WorkerClock;

impl Clock for WorkerClock {
    fn now(&self) -> UnixMillis {
        UnixMillis::new(i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX))
    }
}

use super::{Origin, PasswordError};

/// Runs hashing on the calling thread, because the target has no others. So nothing waits.
#[derive(Debug)]
pub(super) struct Runner;

impl Runner {
    pub(super) const fn new(_concurrency: Option<usize>, _max_waiting: Option<usize>) -> Self {
        Self
    }

    #[expect(clippy::unnecessary_wraps, reason = "same signature as on targets with threads")]
    pub(super) const fn check_room(&self, _origin: &Origin) -> Result<(), PasswordError> {
        Ok(())
    }

    /// Returns how many passwords may wait to be hashed.
    pub(super) const fn max_waiting(&self) -> usize {
        usize::MAX
    }

    #[expect(clippy::unused_async, reason = "same signature as on targets with threads")]
    pub(super) async fn run<T>(
        &self,
        _origin: Origin,
        work: impl FnOnce() -> Result<T, PasswordError>,
    ) -> Result<T, PasswordError> {
        work()
    }
}

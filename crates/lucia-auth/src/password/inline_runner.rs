use super::PasswordError;

/// Runs hashing in place: this target has one thread.
#[derive(Debug)]
pub(super) struct Runner;

impl Runner {
    pub(super) fn new(_concurrency: Option<usize>) -> Self {
        Self
    }

    #[expect(clippy::unused_async, reason = "as it is where there are threads")]
    pub(super) async fn run<T>(&self, work: impl FnOnce() -> Result<T, PasswordError>) -> Result<T, PasswordError> {
        work()
    }
}

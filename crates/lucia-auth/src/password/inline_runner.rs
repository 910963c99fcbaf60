use super::PasswordError;

/// Runs hashing on the calling thread, because the target has no others.
#[derive(Debug)]
pub(super) struct Runner;

impl Runner {
    pub(super) fn new(_concurrency: Option<usize>) -> Self {
        Self
    }

    #[expect(clippy::unused_async, reason = "same signature as on targets with threads")]
    pub(super) async fn run<T>(&self, work: impl FnOnce() -> Result<T, PasswordError>) -> Result<T, PasswordError> {
        work()
    }
}

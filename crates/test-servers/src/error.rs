use std::io;

/// A server that could not be started, signalled or ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// A program is not installed.
    #[error("{program} is not on PATH: install {package} (Debian's name){alternative}")]
    Missing {
        /// The program.
        program: String,
        /// The package that contains it.
        package: &'static str,
        /// An alternative to installing it, or an empty string.
        alternative: String,
    },
    /// A program failed, or ended before it was ready.
    #[error("{program} ended with {status}; the end of its log:\n{log}")]
    Ended {
        /// The program.
        program: String,
        /// The exit status.
        status: String,
        /// The last lines of its output.
        log: String,
    },
    /// A server did not become ready, or did not end, in time.
    #[error("{program} was not {awaited} after {seconds} s; the end of its log:\n{log}")]
    Late {
        /// The program.
        program: String,
        /// The state that was awaited.
        awaited: &'static str,
        /// The timeout.
        seconds: u64,
        /// The last lines of its output.
        log: String,
    },
    /// An operation of the system failed.
    #[error("{doing}")]
    Io {
        /// The operation.
        doing: &'static str,
        /// The error of the system.
        source: io::Error,
    },
}

impl ServiceError {
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}

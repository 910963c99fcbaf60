use std::io;

/// Why a service cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// A program is not there.
    #[error("{program} is not on PATH: install {package} (Debian's name){alternative}")]
    Missing {
        /// The program.
        program: String,
        /// What brings it.
        package: &'static str,
        /// What else would do, ready to be appended.
        alternative: String,
    },
    /// A program ended before it was ready, or failed.
    #[error("{program} ended with {status}; the end of its log:\n{log}")]
    Ended {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
        /// The last lines that it printed.
        log: String,
    },
    /// A server did not become ready, or did not end, in time.
    #[error("{program} was not {awaited} after {seconds} s; the end of its log:\n{log}")]
    Late {
        /// The program.
        program: String,
        /// What was waited for.
        awaited: &'static str,
        /// For how long.
        seconds: u64,
        /// The last lines that it printed.
        log: String,
    },
    /// The system refused something.
    #[error("{doing}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Why not.
        source: io::Error,
    },
}

impl ServiceError {
    pub(super) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}

//! Failures of a case. They are returned, not raised as panics, so that the portable runner reports them too.

use std::{error::Error, fmt, panic::Location};

use lucia_core::{AdapterError, AdapterErrorKind, AdapterResult};

use crate::BoxError;

/// Why a case failed, and where in the suite.
#[derive(Debug)]
pub(crate) struct CaseError {
    message: String,
    location: &'static Location<'static>,
}

pub(crate) type CaseResult<T = ()> = Result<T, CaseError>;

impl CaseError {
    #[track_caller]
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), location: Location::caller() }
    }
}

impl fmt::Display for CaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}:{})", self.message, self.location.file(), self.location.line())
    }
}

impl From<AdapterError> for CaseError {
    #[track_caller]
    fn from(error: AdapterError) -> Self {
        Self::new(with_sources("the adapter failed", &error))
    }
}

impl From<BoxError> for CaseError {
    #[track_caller]
    fn from(error: BoxError) -> Self {
        Self::new(with_sources("the back door failed", error.as_ref()))
    }
}

/// An error and what caused it: its text alone repeats no source.
pub(crate) fn with_sources(what: &str, error: &(dyn Error + 'static)) -> String {
    let mut message = format!("{what}: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        message.push_str(": ");
        message.push_str(&cause.to_string());
        source = cause.source();
    }
    message
}

#[track_caller]
pub(crate) fn ensure(holds: bool, message: impl Into<String>) -> CaseResult {
    if holds { Ok(()) } else { Err(CaseError::new(message)) }
}

#[track_caller]
pub(crate) fn ensure_eq<T: PartialEq + fmt::Debug>(found: &T, expected: &T, what: &str) -> CaseResult {
    ensure(found == expected, format!("{what}: found {found:?}, expected {expected:?}"))
}

/// The error is of this kind.
#[track_caller]
pub(crate) fn ensure_fails<T: fmt::Debug>(result: AdapterResult<T>, kind: AdapterErrorKind, what: &str) -> CaseResult {
    match result {
        Err(error) if error.kind() == kind => Ok(()),
        Err(error) => {
            Err(CaseError::new(with_sources(&format!("{what}: expected {kind:?}, found {:?}", error.kind()), &error)))
        }
        Ok(value) => Err(CaseError::new(format!("{what}: expected {kind:?}, but it succeeded with {value:?}"))),
    }
}

/// It succeeds, or refuses in one of these ways. The result says whether it succeeded.
#[track_caller]
pub(crate) fn ensure_ok_or(result: AdapterResult<()>, refusals: &[AdapterErrorKind], what: &str) -> CaseResult<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if refusals.contains(&error.kind()) => Ok(false),
        Err(error) => {
            let what = format!("{what}: expected success or one of {refusals:?}, found {:?}", error.kind());
            Err(CaseError::new(with_sources(&what, &error)))
        }
    }
}

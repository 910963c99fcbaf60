use std::{fmt::Debug, future::Future, pin::Pin};

use adapter_tests::BoxError;
use lucia_core::{AdapterErrorKind, AdapterResult};
use worker::Env;

pub(crate) type CheckResult = Result<(), BoxError>;

/// A named check that applies to these stores only.
pub(crate) struct Check(pub(crate) &'static str, pub(crate) fn(Env) -> Pin<Box<dyn Future<Output = CheckResult>>>);

pub(crate) fn ensure(holds: bool, what: impl Into<String>) -> CheckResult {
    if holds { Ok(()) } else { Err(what.into().into()) }
}

pub(crate) fn ensure_eq<T: Debug + PartialEq>(found: &T, expected: &T, what: &str) -> CheckResult {
    ensure(found == expected, format!("{what}: {found:?} instead of {expected:?}"))
}

/// Checks the kind of an error, and the attribute that it names.
pub(crate) fn ensure_fails<T: Debug>(
    outcome: AdapterResult<T>,
    kind: AdapterErrorKind,
    attribute: Option<&str>,
    what: &str,
) -> CheckResult {
    match outcome {
        Ok(value) => Err(format!("{what}: {value:?} instead of an error").into()),
        Err(error) => ensure_eq(&(error.kind(), error.attribute()), &(kind, attribute), what),
    }
}

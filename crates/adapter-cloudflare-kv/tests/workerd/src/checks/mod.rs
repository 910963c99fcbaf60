//! What only these stores can be asked.

mod kv;
mod requests;
mod users;

use std::{fmt::Debug, future::Future, pin::Pin};

use adapter_tests::BoxError;
use lucia_core::{AdapterErrorKind, AdapterResult};
use serde_json::Value;
use worker::Env;

use crate::report;

type CheckResult = Result<(), BoxError>;

/// A check by its name.
struct Check(&'static str, fn(Env) -> Pin<Box<dyn Future<Output = CheckResult>>>);

pub(crate) async fn run(env: &Env) -> Value {
    let mut outcomes = Vec::new();
    for Check(name, check) in [kv::CHECKS, requests::CHECKS, users::CHECKS].into_iter().flatten() {
        let outcome = check(env.clone()).await;
        outcomes.push(report::of_check(name, outcome.map_err(|error| error.to_string())));
    }
    Value::Array(outcomes)
}

fn ensure(holds: bool, what: impl Into<String>) -> CheckResult {
    if holds { Ok(()) } else { Err(what.into().into()) }
}

fn ensure_eq<T: Debug + PartialEq>(found: &T, expected: &T, what: &str) -> CheckResult {
    ensure(found == expected, format!("{what}: {found:?} instead of {expected:?}"))
}

/// The kind of an error, and the attribute that it names.
fn ensure_fails<T: Debug>(
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

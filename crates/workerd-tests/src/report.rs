//! Outcomes as JSON: a list of objects with `name`, `outcome` and, where there is one, `reason`.

use adapter_tests::{Outcome, Report};
use serde_json::{Value, json};

pub(crate) fn of(report: &Report) -> Value {
    report.cases().map(|(name, outcome)| case(name, outcome)).collect()
}

fn case(name: &str, outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Passed => json!({ "name": name, "outcome": "passed" }),
        Outcome::PassedInPart(reason) => json!({ "name": name, "outcome": "passed", "reason": reason }),
        Outcome::Failed(reason) => json!({ "name": name, "outcome": "failed", "reason": reason }),
        Outcome::Ignored(reason) => json!({ "name": name, "outcome": "ignored", "reason": reason }),
        _ => json!({ "name": name, "outcome": "failed", "reason": "an outcome of a kind that is not known" }),
    }
}

pub(crate) fn of_check(name: &str, outcome: Result<(), String>) -> Value {
    case(name, &outcome.map_or_else(Outcome::Failed, |()| Outcome::Passed))
}

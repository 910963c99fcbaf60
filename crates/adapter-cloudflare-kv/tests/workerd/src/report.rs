//! Outcomes as JSON: a list of objects with `name`, `outcome` and, where there is one, `reason`.

use adapter_tests::{Family, Outcome, Report};
use serde_json::{Value, json};

pub(crate) fn of(report: &Report) -> Value {
    report.cases().map(|(name, outcome)| case(name, outcome)).collect()
}

/// The same, of these families alone.
pub(crate) fn of_families(report: &Report, families: &[Family]) -> Value {
    let known = adapter_tests::all_cases();
    let wanted = |name: &str| known.iter().any(|case| case.name == name && families.contains(&case.family));
    report.cases().filter(|(name, _)| wanted(name)).map(|(name, outcome)| case(name, outcome)).collect()
}

fn case(name: &str, outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Passed => json!({ "name": name, "outcome": "passed" }),
        Outcome::Failed(reason) => json!({ "name": name, "outcome": "failed", "reason": reason }),
        Outcome::Ignored(reason) => json!({ "name": name, "outcome": "ignored", "reason": reason }),
        _ => json!({ "name": name, "outcome": "failed", "reason": "an outcome of a kind that is not known" }),
    }
}

pub(crate) fn of_check(name: &str, outcome: Result<(), String>) -> Value {
    case(name, &outcome.map_or_else(Outcome::Failed, |()| Outcome::Passed))
}

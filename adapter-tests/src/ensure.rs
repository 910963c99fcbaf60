//! Failures of a case. They are returned instead of panicking, so that the portable runner can report them.

use std::{error::Error, fmt, panic::Location};

use lucia_core::{AdapterError, AdapterErrorKind, AdapterResult};

use crate::BoxError;

/// A failure of a case, with its location in the suite.
#[derive(Debug)]
pub(crate) struct CaseError {
    message: String,
    location: &'static Location<'static>,
}

pub(crate) type CaseResult<T = ()> = Result<T, CaseError>;

/// The maximum number of characters of a message. The first difference is enough.
const MAX_MESSAGE: usize = 600;

/// The maximum number of characters of a value.
const MAX_VALUE: usize = 160;

impl CaseError {
    #[track_caller]
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: excerpt(&message.into(), 0, MAX_MESSAGE), location: Location::caller() }
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

/// Returns the text of an error with its sources.
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
    if found == expected {
        return Ok(());
    }
    let (found, expected) = (format!("{found:?}"), format!("{expected:?}"));
    let same = found.chars().zip(expected.chars()).take_while(|(one, two)| one == two).count();
    // Shows the first difference, with a little of the common start.
    let start = if found.len().max(expected.len()) > MAX_VALUE { same.saturating_sub(MAX_VALUE / 4) } else { 0 };
    let (found, expected) = (excerpt(&found, start, MAX_VALUE), excerpt(&expected, start, MAX_VALUE));
    Err(CaseError::new(format!("{what}: found {found}, expected {expected}")))
}

/// Checks that both contain the same items in any order. The message has the number of differences and the first one.
#[track_caller]
pub(crate) fn ensure_same<T: Ord + fmt::Debug>(mut found: Vec<T>, mut expected: Vec<T>, what: &str) -> CaseResult {
    let numbers = format!("found {}, expected {}", found.len(), expected.len());
    found.sort();
    expected.sort();
    let missing = without(&expected, &found);
    let surplus = without(&found, &expected);
    let sides = [(missing, "missing"), (surplus, "not expected")];
    let sides = sides.iter().filter_map(|(items, name)| {
        let first = excerpt(&format!("{:?}", items.first()?), 0, MAX_VALUE);
        Some(format!("; {} {name}, the first: {first}", items.len()))
    });
    let differences: String = sides.collect();
    ensure(differences.is_empty(), format!("{what}: {numbers}{differences}"))
}

/// Returns the items of a sorted list that another sorted list lacks.
fn without<'a, T: Ord>(all: &'a [T], others: &[T]) -> Vec<&'a T> {
    let mut others = others.iter().peekable();
    let missing = all.iter().filter(|item| {
        while others.next_if(|other| other < item).is_some() {}
        others.next_if(|other| other == item).is_none()
    });
    missing.collect()
}

/// Returns `length` characters of a text from `start` on, with the total if that is not all of it.
fn excerpt(text: &str, start: usize, length: usize) -> String {
    let all = text.chars().count();
    if start == 0 && all <= length {
        return text.to_owned();
    }
    let shown: String = text.chars().skip(start).take(length).collect();
    let (before, after) = (if start > 0 { "..." } else { "" }, if start + length < all { "..." } else { "" });
    format!("{before}{shown}{after} ({all} characters)")
}

/// Checks that the operation fails with this kind.
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

/// Checks that the operation succeeds or fails with one of these kinds. Returns `true` if it succeeded.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn message(result: CaseResult) -> String {
        result.unwrap_err().message
    }

    #[test]
    fn lists_are_reported_by_the_number_of_differences_and_the_first() {
        ensure_same(vec![2, 1, 1], vec![1, 2, 1], "numbers").unwrap();
        let found = message(ensure_same((0..5_000).collect(), vec![7, 9_000], "numbers"));
        assert_eq!(
            found,
            "numbers: found 5000, expected 2; 1 missing, the first: 9000; 4999 not expected, the first: 0"
        );
        assert_eq!(
            message(ensure_same(vec![1, 1], vec![1], "numbers")),
            "numbers: found 2, expected 1; 1 not expected, the first: 1"
        );
    }

    #[test]
    fn long_values_are_reported_at_their_first_difference() {
        let (long, longer) = ("a".repeat(1 << 20), "a".repeat(1 << 20) + "b");
        let found = message(ensure_eq(&long, &longer, "a value"));
        assert!(found.len() < 600, "{found}");
        assert!(found.contains("ab\" (1048579 characters)"), "{found}");
        assert_eq!(message(ensure_eq(&1, &2, "a value")), "a value: found 1, expected 2");
    }

    #[test]
    fn messages_are_truncated() {
        let found = message(Err(CaseError::new("\u{e9}".repeat(20_000))));
        assert!(found.ends_with("... (20000 characters)") && found.chars().count() < MAX_MESSAGE + 40, "{found}");
    }
}

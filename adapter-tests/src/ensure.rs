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

/// So many characters of a message are shown: who reads it wants the first fault, not all of them.
const MAX_MESSAGE: usize = 600;

/// So many characters of a value are shown.
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
    if found == expected {
        return Ok(());
    }
    let (found, expected) = (format!("{found:?}"), format!("{expected:?}"));
    let same = found.chars().zip(expected.chars()).take_while(|(one, two)| one == two).count();
    // The first difference, and a little of what both begin with.
    let start = if found.len().max(expected.len()) > MAX_VALUE { same.saturating_sub(MAX_VALUE / 4) } else { 0 };
    let (found, expected) = (excerpt(&found, start, MAX_VALUE), excerpt(&expected, start, MAX_VALUE));
    Err(CaseError::new(format!("{what}: found {found}, expected {expected}")))
}

/// Both have the same items, in any order and as often. If not, the message says how many differ, and the first.
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

/// The items of one sorted list that another one lacks.
fn without<'a, T: Ord>(all: &'a [T], others: &[T]) -> Vec<&'a T> {
    let mut others = others.iter().peekable();
    let missing = all.iter().filter(|item| {
        while others.next_if(|other| other < item).is_some() {}
        others.next_if(|other| other == item).is_none()
    });
    missing.collect()
}

/// So many characters of a text from `start` on, and how many there are if that is not all.
fn excerpt(text: &str, start: usize, length: usize) -> String {
    let all = text.chars().count();
    if start == 0 && all <= length {
        return text.to_owned();
    }
    let shown: String = text.chars().skip(start).take(length).collect();
    let (before, after) = (if start > 0 { "..." } else { "" }, if start + length < all { "..." } else { "" });
    format!("{before}{shown}{after} ({all} characters)")
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

#[cfg(test)]
mod tests {
    use super::*;

    fn message(result: CaseResult) -> String {
        result.unwrap_err().message
    }

    #[test]
    fn a_list_is_told_by_how_many_differ_and_the_first() {
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
    fn long_values_are_told_by_their_first_difference() {
        let (long, longer) = ("a".repeat(1 << 20), "a".repeat(1 << 20) + "b");
        let found = message(ensure_eq(&long, &longer, "a value"));
        assert!(found.len() < 600, "{found}");
        assert!(found.contains("ab\" (1048579 characters)"), "{found}");
        assert_eq!(message(ensure_eq(&1, &2, "a value")), "a value: found 1, expected 2");
    }

    #[test]
    fn no_message_is_long() {
        let found = message(Err(CaseError::new("\u{e9}".repeat(20_000))));
        assert!(found.ends_with("... (20000 characters)") && found.chars().count() < MAX_MESSAGE + 40, "{found}");
    }
}

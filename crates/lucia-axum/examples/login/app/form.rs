//! The fields of forms, and what is wrong with them.

use lucia_auth::{Error, PasswordError};
use minijinja::Value;
use serde::Deserialize;

/// The problems with the fields of a form, by the id of the field, in the order of the page.
#[derive(Debug, Default)]
pub(super) struct FieldErrors(Vec<(&'static str, String)>);

impl FieldErrors {
    pub(super) fn none() -> Self {
        Self::default()
    }

    pub(super) fn one(field: &'static str, problem: impl Into<String>) -> Self {
        Self(vec![(field, problem.into())])
    }

    pub(super) fn add(&mut self, field: &'static str, problem: impl Into<String>) {
        self.0.push((field, problem.into()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns all problems, for the alert at the top of the page.
    pub(super) fn summary(&self) -> String {
        let problems: Vec<_> = self.0.iter().map(|(_, problem)| problem.as_str()).collect();
        problems.join(" ")
    }

    /// Returns the problem of each field, for a template.
    pub(super) fn by_field(&self) -> Value {
        Value::from_pairs(self.0.iter().map(|(field, problem)| (*field, problem.as_str())))
    }
}

/// The notice that a page shows once, in its query.
#[derive(Deserialize)]
pub(super) struct Notice {
    pub(super) notice: Option<String>,
}

/// The token of a link, in the query of its page and in the form of that page.
#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    pub(super) token: String,
}

/// Returns the name by which a user is found, in lower case, so that `Ada` and `ada` are one user.
pub(super) fn canonical(username: &str) -> String {
    username.trim().to_ascii_lowercase()
}

/// Returns the problem with a new user name, if any.
pub(super) fn username_problem(username: &str) -> Option<&'static str> {
    let username = username.trim();
    // Without an `@`, it cannot be somebody's address.
    let plain = username.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let valid = plain && (3..=31).contains(&username.len());
    (!valid).then_some("A user name has 3 to 31 letters (a to z), digits, dots, hyphens or underscores.")
}

/// Returns the problem with a new password, if that is why a method of `Auth` failed.
pub(super) fn password_problem(error: &Error) -> Option<String> {
    match error {
        Error::Password(PasswordError::TooLong { .. }) => Some("That password is too long.".to_owned()),
        Error::Password(error) if error.is_unacceptable() => Some(sentence(&error.to_string())),
        _ => None,
    }
}

fn sentence(error: &str) -> String {
    let (first, rest) = error.split_at(error.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}.", first.to_uppercase())
}

//! The fields of forms, and what is wrong with them.

use lucia_auth::Error;
use minijinja::Value;
use serde::Deserialize;

use super::retry_later::RetryLater;

/// What is wrong with a form.
#[derive(Debug, Default)]
pub(super) struct FieldErrors {
    /// The problems by the id of the field, in the order of the page.
    problems: Vec<(&'static str, String)>,
    later: Option<RetryLater>,
}

impl FieldErrors {
    pub(super) fn none() -> Self {
        Self::default()
    }

    pub(super) fn one(field: &'static str, problem: impl Into<String>) -> Self {
        Self { problems: vec![(field, problem.into())], later: None }
    }

    /// Returns what the form says if a method of `Auth` failed and may succeed later, or else the error.
    pub(super) fn retry_later(error: Error) -> Result<Self, Error> {
        let later = RetryLater::of(&error).ok_or(error)?;
        Ok(Self { problems: Vec::new(), later: Some(later) })
    }

    /// Returns the same for a page with several forms: beside this field.
    pub(super) fn retry_later_beside(field: &'static str, error: Error) -> Result<Self, Error> {
        let errors = Self::retry_later(error)?;
        let problems = errors.later.iter().map(|later| (field, later.message.clone())).collect();
        Ok(Self { problems, ..errors })
    }

    pub(super) fn add(&mut self, field: &'static str, problem: impl Into<String>) {
        self.problems.push((field, problem.into()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.problems.is_empty() && self.later.is_none()
    }

    /// Returns the refusal of a form that may be accepted later.
    pub(super) fn later(&self) -> Option<&RetryLater> {
        self.later.as_ref()
    }

    /// Returns all problems, for the alert at the top of the page.
    pub(super) fn summary(&self) -> String {
        let problems: Vec<_> = self.problems.iter().map(|(_, problem)| problem.as_str()).collect();
        match &self.later {
            Some(later) => later.message.clone(),
            None => problems.join(" "),
        }
    }

    /// Returns the problem of each field, for a template.
    pub(super) fn by_field(&self) -> Value {
        Value::from_pairs(self.problems.iter().map(|(field, problem)| (*field, problem.as_str())))
    }
}

/// The notice that a page shows once, in its query.
#[derive(Deserialize)]
pub(super) struct Notice {
    pub(super) notice: Option<String>,
}

/// The page to go on with, in the query.
#[derive(Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    pub(super) next: String,
}

/// Whether the session outlives the browser.
#[derive(Deserialize)]
pub(super) struct Remember {
    /// The box "Keep me signed in". Browsers omit a box that is not checked.
    remember: Option<String>,
    /// A hidden field beside the box, which tells an empty box from a form without one: that one is remembered.
    remember_offered: Option<String>,
}

impl Remember {
    pub(super) fn is_chosen(&self) -> bool {
        self.remember.is_some() || self.remember_offered.is_none()
    }
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
        Error::Password(error) if error.is_unacceptable() => Some(sentence(&error.to_string())),
        _ => None,
    }
}

fn sentence(error: &str) -> String {
    let (first, rest) = error.split_at(error.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}.", first.to_uppercase())
}

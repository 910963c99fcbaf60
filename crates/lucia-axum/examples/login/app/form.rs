use lucia_auth::{Error, PasswordError};
use serde::Deserialize;

/// The fields for signing up and in. A missing field is treated as empty.
#[derive(Deserialize)]
pub(super) struct Credentials {
    #[serde(default)]
    pub(super) username: String,
    #[serde(default)]
    pub(super) password: String,
}

impl Credentials {
    /// Returns the name by which a user is found, in lower case, so that `Ada` and `ada` are one user.
    pub(super) fn canonical_username(&self) -> String {
        canonical(&self.username)
    }
}

pub(super) fn canonical(username: &str) -> String {
    username.trim().to_ascii_lowercase()
}

/// Returns the problem with a new user name, if any.
pub(super) fn check_username(username: &str) -> Result<(), &'static str> {
    let username = username.trim();
    let plain = username.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if plain && (3..=31).contains(&username.len()) {
        Ok(())
    } else {
        Err("A user name has 3 to 31 letters (a to z), digits, dots, hyphens or underscores.")
    }
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

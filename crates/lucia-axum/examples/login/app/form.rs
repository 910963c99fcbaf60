use serde::Deserialize;

pub(super) const PASSWORD_TOO_LONG: &str = "That password is too long.";
const MIN_PASSWORD_CHARACTERS: usize = 8;

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

/// Returns the problem with a new password, if any. `Auth` checks the maximum length, after normalisation.
pub(super) fn check_password(password: &str) -> Result<(), &'static str> {
    if password.chars().count() < MIN_PASSWORD_CHARACTERS {
        return Err("A password has at least 8 characters.");
    }
    Ok(())
}

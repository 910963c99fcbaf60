use std::sync::Arc;

use lucia_core::{KeyId, UserSchema};

use super::{
    PasswordCheck, PasswordContext, PasswordError, PasswordRejection, check::NotAContextWord, normalize::normalize,
};

/// NIST's minimum for passwords beside a second factor.
const DEFAULT_MIN_LENGTH: usize = 8;

/// The rules for new passwords, those of NIST SP 800-63B-4: length and guessability, but no kinds of characters.
///
/// They apply where a password is set: [`Auth::create_user`](crate::Auth::create_user),
/// [`Auth::create_key`](crate::Auth::create_key) and
/// [`Auth::update_key_password`](crate::Auth::update_key_password). Existing passwords keep signing in. The longest
/// password is set by [`AuthBuilder::max_password_length`](crate::AuthBuilder::max_password_length).
///
/// A rejected password is an [`Error::Password`](crate::Error::Password) with a [`PasswordRejection`], before anything
/// is hashed or stored.
///
/// ```
/// use lucia_auth::{Auth, PasswordRules, memory::MemoryAdapter};
///
/// let rules = PasswordRules::new().min_length(15).words(["Acme"]).words_from_attributes(["username", "email"]);
/// let auth = Auth::builder(MemoryAdapter::new()).password_rules(rules).build()?;
/// # Ok::<(), lucia_auth::BuildError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct PasswordRules {
    min_length: usize,
    words: Vec<String>,
    attributes: Vec<String>,
    checks: Vec<Arc<dyn PasswordCheck>>,
    #[cfg(feature = "zxcvbn")]
    min_guesses: u64,
}

impl PasswordRules {
    /// Creates the default rules: at least 8 characters, and not the user's name or another word of the context.
    pub fn new() -> Self {
        Self::none().min_length(DEFAULT_MIN_LENGTH).check(NotAContextWord)
    }

    /// Creates rules that accept every password that is not empty, as Lucia JS does.
    pub const fn none() -> Self {
        Self {
            min_length: 0,
            words: Vec::new(),
            attributes: Vec::new(),
            checks: Vec::new(),
            #[cfg(feature = "zxcvbn")]
            min_guesses: 0,
        }
    }

    /// Sets the minimum length, in code points after normalisation to NFKC. Defaults to 8.
    ///
    /// NIST requires 15 if the password is the only factor.
    pub const fn min_length(mut self, characters: usize) -> Self {
        self.min_length = characters;
        self
    }

    /// Adds words from which passwords should not be easy to guess, such as the name of the site.
    pub fn words(mut self, words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.words.extend(words.into_iter().map(Into::into));
        self
    }

    /// Adds the values of these attributes of the user as words from which their passwords should not be easy to guess,
    /// such as their name and their email address. Attributes that are missing or not strings are ignored.
    ///
    /// Changing a password then reads the user too.
    pub fn words_from_attributes(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.attributes.extend(names.into_iter().map(Into::into));
        self
    }

    /// Adds a check. Checks run one after the other, after `min_length` and the words and before
    /// `min_guesses`, until one rejects the password.
    pub fn check(mut self, check: impl PasswordCheck) -> Self {
        self.checks.push(Arc::new(check));
        self
    }

    /// Rejects passwords that an attacker would find within this number of guesses, as zxcvbn estimates from lists of
    /// common passwords and words, keyboard patterns, dates and the words of the context. Defaults to 0.
    ///
    /// 10<sup>8</sup> corresponds to zxcvbn's score of 3. Only the first 32 characters are judged: the estimate of a
    /// longer text can take seconds. It runs after the checks, on the threads that hash, and keeps 8 MB of lists in
    /// memory.
    ///
    /// ```
    /// use lucia_auth::{Auth, NewKey, NewUser, PasswordRules, memory::MemoryAdapter};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = PasswordRules::new().min_guesses(100_000_000);
    /// let auth = Auth::builder(MemoryAdapter::new()).password_rules(rules).build()?;
    /// let user = |password: &str| NewUser::new().key(NewKey::with_password(("username", "ada"), password));
    /// for password in ["password1234", "qwertyuiop[]", "P4$$w0rd!", "ada12345", "18151210"] {
    ///     assert!(auth.create_user(user(password)).await.is_err());
    /// }
    /// assert!(auth.create_user(user("correct horse")).await.is_ok());
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "zxcvbn")]
    pub const fn min_guesses(mut self, guesses: u64) -> Self {
        self.min_guesses = guesses;
        self
    }

    pub(crate) const fn shortest(&self) -> usize {
        self.min_length
    }

    /// Returns `true` if the context contains attributes of the user.
    pub(crate) const fn reads_users(&self) -> bool {
        !self.attributes.is_empty()
    }

    pub(super) fn context<'a>(&self, key_id: &'a KeyId, user: Option<&UserSchema>) -> PasswordContext<'a> {
        let attributes = self.attributes.iter().filter_map(|name| user?.attributes().get(name)?.as_str());
        PasswordContext::new(key_id, self.words.iter().map(String::as_str).chain(attributes))
    }

    /// Applies the rules that are fast or asynchronous.
    pub(super) async fn apply(&self, password: &str, context: &PasswordContext<'_>) -> Result<(), PasswordError> {
        let password = normalize(password);
        if password.chars().count() < self.min_length {
            return Err(PasswordRejection::TooShort { min: self.min_length }.into());
        }
        for check in &self.checks {
            check.check(&password, context).await?;
        }
        Ok(())
    }

    /// Applies the rule that can take as long as a hash.
    #[cfg(feature = "zxcvbn")]
    pub(super) fn apply_min_guesses(&self, password: &str, words: &[String]) -> Result<(), PasswordRejection> {
        if self.min_guesses == 0 {
            return Ok(());
        }
        super::guesses::require(self.min_guesses, &normalize(password), words)
    }
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self::new()
    }
}

use std::iter;

use lucia_core::KeyId;

use super::normalize::normalize;

/// Shorter parts of a word are omitted: they are also part of many good passwords.
const MIN_PART_LENGTH: usize = 3;

/// The key of a password and words about its owner, for a [`PasswordCheck`](crate::PasswordCheck).
///
/// ```
/// use lucia_auth::{KeyId, PasswordContext};
///
/// let key_id = KeyId::new("email", "Ada.Lovelace@example.com")?;
/// let context = PasswordContext::new(&key_id, ["Acme"]);
/// let words: Vec<_> = context.words().collect();
/// assert_eq!(words, ["ada.lovelace@example.com", "ada.lovelace", "example.com", "ada", "lovelace", "example", "com", "acme"]);
/// # Ok::<(), lucia_auth::InvalidKeyId>(())
/// ```
#[derive(Clone, Debug)]
pub struct PasswordContext<'a> {
    key_id: &'a KeyId,
    words: Vec<String>,
}

impl<'a> PasswordContext<'a> {
    /// Creates the context of a key's password, with words in addition to the provider's user id.
    #[must_use]
    pub fn new(key_id: &'a KeyId, words: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut context = Self { key_id, words: Vec::new() };
        context.add(key_id.provider_user_id());
        for word in words {
            context.add(word.as_ref());
        }
        context
    }

    /// Returns the key.
    #[must_use]
    pub const fn key_id(&self) -> &'a KeyId {
        self.key_id
    }

    /// Returns words from which the password should not be easy to guess: the provider's user id, and the words of
    /// [`PasswordRules`](crate::PasswordRules), such as the user's name and the site's. They are in lower case and
    /// NFKC. Each is followed by its parts: those of an email address, and those between spaces and punctuation.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    #[cfg(feature = "zxcvbn")]
    pub(super) fn into_words(self) -> Vec<String> {
        self.words
    }

    fn add(&mut self, word: &str) {
        let word = normalize(word).to_lowercase();
        let parts = word.split(|character: char| !character.is_alphanumeric());
        for part in iter::once(word.as_str()).chain(word.split('@')).chain(parts) {
            if part.chars().count() >= MIN_PART_LENGTH && !self.words.iter().any(|known| known == part) {
                self.words.push(part.to_owned());
            }
        }
    }
}

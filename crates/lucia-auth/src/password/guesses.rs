use zxcvbn::{matching::patterns::MatchPattern, zxcvbn};

use super::PasswordRejection;

/// The time grows with the square of the length, and by another factor of 576 if the text contains every digit and
/// sign that can replace a letter: a second for 100 characters.
const MAX_LENGTH: usize = 32;

/// Rejects a normalised password that is likely to be found within fewer guesses.
pub(super) fn require(guesses: u64, password: &str, words: &[String]) -> Result<(), PasswordRejection> {
    let start: String = password.chars().take(MAX_LENGTH).collect();
    let inputs: Vec<_> = words.iter().map(String::as_str).collect();
    let estimate = zxcvbn(&start, &inputs);
    if estimate.guesses() >= guesses {
        return Ok(());
    }
    let is_context_word = |pattern: &MatchPattern| match pattern {
        MatchPattern::Dictionary(found) => words.contains(&found.matched_word),
        _ => false,
    };
    if estimate.sequence().iter().any(|part| is_context_word(&part.pattern)) {
        return Err(PasswordRejection::ContextWord);
    }
    Err(PasswordRejection::Guessable)
}

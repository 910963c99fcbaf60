use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfkc};

/// Normalises a password to NFKC, so that the same characters match however a keyboard composed them.
///
/// Lucia's scrypt normalises; the other formats do too, because a password must stay valid when its hash is replaced.
pub(super) fn normalize(password: &str) -> Cow<'_, str> {
    if is_nfkc(password) { Cow::Borrowed(password) } else { Cow::Owned(password.nfkc().collect()) }
}

/// Returns `true` if the password has at most `max` bytes both before and after normalisation, which can make it eleven
/// times longer.
pub(super) fn is_at_most(password: &str, max: usize) -> bool {
    password.len() <= max && (is_nfkc(password) || password.nfkc().map(char::len_utf8).sum::<usize>() <= max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_count_before_and_after_normalisation() {
        assert!(is_at_most("abc", 3) && !is_at_most("abcd", 3));
        // A character of three bytes that normalises to eighteen characters.
        assert_eq!(normalize("\u{fdfa}").len(), 33);
        assert!(!is_at_most("\u{fdfa}", 32) && is_at_most("\u{fdfa}", 33));
        // Decomposed letters of eighteen bytes that normalise to twelve.
        let decomposed = "e\u{301}".repeat(6);
        assert!(!is_at_most(&decomposed, 17) && is_at_most(&decomposed, 18));
    }
}

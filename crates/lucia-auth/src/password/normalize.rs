use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfkc};

/// The password in the form NFKC, so that the same characters match whichever keyboard composed them.
///
/// Lucia's scrypt does so; the other formats follow, because a password has to mean the same after its hash was replaced.
pub(super) fn normalize(password: &str) -> Cow<'_, str> {
    if is_nfkc(password) { Cow::Borrowed(password) } else { Cow::Owned(password.nfkc().collect()) }
}

/// Whether the password takes at most `max` bytes, before and after normalisation, which can make it eleven times longer.
pub(super) fn is_at_most(password: &str, max: usize) -> bool {
    password.len() <= max && (is_nfkc(password) || password.nfkc().map(char::len_utf8).sum::<usize>() <= max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_count_before_and_after_normalisation() {
        assert!(is_at_most("abc", 3) && !is_at_most("abcd", 3));
        // One character of three bytes that stands for eighteen characters.
        assert_eq!(normalize("\u{fdfa}").len(), 33);
        assert!(!is_at_most("\u{fdfa}", 32) && is_at_most("\u{fdfa}", 33));
        // Eighteen bytes of decomposed letters that compose to twelve.
        let decomposed = "e\u{301}".repeat(6);
        assert!(!is_at_most(&decomposed, 17) && is_at_most(&decomposed, 18));
    }
}

/// The length of the longest name that no supported database truncates.
const MAX_BYTES: usize = 63;

/// Returns `true` if `name` can be the name of a table, column or schema: letters, digits, `_`, `$`, `-`, `.` and inner
/// spaces, 63 bytes at most.
///
/// Every name is quoted in statements. This check additionally rejects the characters with which a name could end its
/// quotes.
#[must_use]
#[doc(hidden)]
pub fn is_valid_name(name: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '.' | ' ');
    !name.is_empty() && name.len() <= MAX_BYTES && name.trim() == name && name.chars().all(allowed)
}

/// Returns `true` if `sql` can be the name of a type: words, and optionally numbers in parentheses.
pub(crate) fn is_valid_type(sql: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ' ' | '(' | ')' | ',');
    sql.starts_with(|c: char| c.is_ascii_alphabetic()) && sql.len() <= MAX_BYTES && sql.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{is_valid_name, is_valid_type};

    #[test]
    fn s2_hostile_names_are_rejected() {
        for name in ["User", "auth_user", "auth-user", "Nutzer größe", "app.users", "$x"] {
            assert!(is_valid_name(name), "{name}");
        }
        for name in
            ["", " ", "User ", "a\"b", "a`b", "a'b", "a;b", "a\0b", "a\nb", "a)b", "[a]", "a\\b", &"x".repeat(64)]
        {
            assert!(!is_valid_name(name), "{name:?}");
        }
    }

    #[test]
    fn s2_hostile_types_are_rejected() {
        for sql in ["VARCHAR(191)", "DECIMAL(65, 30)", "DOUBLE PRECISION", "INTEGER UNSIGNED"] {
            assert!(is_valid_type(sql), "{sql}");
        }
        for sql in ["", " TEXT", "(TEXT", "TEXT; DROP TABLE x", "TEXT DEFAULT 'x'", "TEXT\n", "\"Role\"", "TEXT--"] {
            assert!(!is_valid_type(sql), "{sql:?}");
        }
    }

    proptest! {
        #[test]
        fn s2_valid_names_cannot_end_their_quotes(name in ".{0,8}|[a-zA-Z\"'`;()\\[\\]\\\\ ]{1,8}") {
            let ends = |c: char| c.is_control() || "\"'`;()[]\\,/*".contains(c);
            prop_assert!(!is_valid_name(&name) || !name.contains(ends), "{name:?}");
            prop_assert!(!is_valid_type(&name) || name.is_ascii() && !name.contains(['"', '\'', '`', ';', '-', '/', '\\']));
        }
    }
}

/// The longest name that every supported database keeps whole.
const MAX_BYTES: usize = 63;

/// Returns whether a name can be that of a table, column or schema: letters, digits, `_`, `$`, `-`, `.`, and spaces inside.
///
/// Names are quoted everywhere; this also rejects characters that no schema has and an attacker would need.
#[must_use]
pub fn is_valid_name(name: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '.' | ' ');
    !name.is_empty() && name.len() <= MAX_BYTES && name.trim() == name && name.chars().all(allowed)
}

/// Whether a configured text can be a type's: words, and perhaps numbers in brackets.
pub(crate) fn is_valid_type(sql: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ' ' | '(' | ')' | ',');
    sql.starts_with(|c: char| c.is_ascii_alphabetic()) && sql.len() <= MAX_BYTES && sql.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{is_valid_name, is_valid_type};

    #[test]
    fn s2_hostile_names_are_refused() {
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
    fn s2_hostile_types_are_refused() {
        for sql in ["VARCHAR(191)", "DECIMAL(65, 30)", "DOUBLE PRECISION", "INTEGER UNSIGNED"] {
            assert!(is_valid_type(sql), "{sql}");
        }
        for sql in ["", " TEXT", "(TEXT", "TEXT; DROP TABLE x", "TEXT DEFAULT 'x'", "TEXT\n", "\"Role\"", "TEXT--"] {
            assert!(!is_valid_type(sql), "{sql:?}");
        }
    }

    proptest! {
        #[test]
        fn s2_nothing_that_ends_a_name_is_in_one(name in ".{0,8}|[a-zA-Z\"'`;()\\[\\]\\\\ ]{1,8}") {
            let ends = |c: char| c.is_control() || "\"'`;()[]\\,/*".contains(c);
            prop_assert!(!is_valid_name(&name) || !name.contains(ends), "{name:?}");
            prop_assert!(!is_valid_type(&name) || name.is_ascii() && !name.contains(['"', '\'', '`', ';', '-', '/', '\\']));
        }
    }
}

/// The longest name that every supported database keeps whole.
const MAX_BYTES: usize = 63;

/// Whether a configured name can be a table's or a column's: letters, digits, `_`, `$`, `-`, `.`, and spaces inside.
///
/// Names are quoted wherever they appear; this keeps out what no schema has and an attacker would need (bug S2).
pub(crate) fn is_valid_name(name: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '.' | ' ');
    !name.is_empty() && name.len() <= MAX_BYTES && name.trim() == name && name.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::is_valid_name;

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
}

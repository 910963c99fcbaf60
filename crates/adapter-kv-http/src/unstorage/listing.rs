use std::collections::BTreeSet;

use lucia_http::HttpError;

/// Returns the keys of a listing: a JSON array of complete keys with slashes for colons, compact or pretty.
///
/// `base` is the listed prefix up to and including its last colon. If other keys are listed, the URL is not the root of
/// the server's storage, or the server is not an unstorage server, and a revocation could miss sessions.
pub(super) fn keys(body: &[u8], base: &str, prefix: &str) -> Result<Vec<String>, HttpError> {
    let listed: Vec<String> =
        serde_json::from_slice(body).map_err(|_| HttpError::unexpected("a JSON array of keys"))?;
    // Redis may return a key twice.
    let mut keys = BTreeSet::new();
    for key in listed {
        let key = key.replace('/', ":");
        if !key.starts_with(base) {
            return Err(HttpError::unexpected("only the requested keys"));
        }
        if key.starts_with(prefix) {
            keys.insert(key);
        }
    }
    Ok(keys.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_separators_are_read() {
        for body in ["[\n  \"u/1/s1\",\n  \"u/1/s2\"\n]", r#"["u/1/s1","u/1/s2"]"#, r#"["u:1:s2","u:1:s1","u:1:s2"]"#] {
            assert_eq!(keys(body.as_bytes(), "u:1:", "u:1:").unwrap(), ["u:1:s1", "u:1:s2"]);
        }
        assert!(keys(b"[]", "u:1:", "u:1:").unwrap().is_empty());
    }

    #[test]
    fn a_prefix_may_end_within_a_segment() {
        assert_eq!(keys(br#"["u/a1","u/b1"]"#, "u:", "u:a").unwrap(), ["u:a1"]);
    }

    #[test]
    fn other_keys_and_responses_are_errors() {
        for body in [r#"["u/1/s1","u/2/s2"]"#, r#"["app/u/1/s1"]"#, r#"["u/1"]"#, r#"[""]"#] {
            assert!(matches!(keys(body.as_bytes(), "u:1:", "u:1:"), Err(HttpError::Unexpected { .. })), "{body}");
        }
        for body in ["", "null", "{}", "\"u/1/s1\"", "[1]", "<html></html>", r#"{"keys":[]}"#, "\u{feff}[]"] {
            assert!(matches!(keys(body.as_bytes(), "u:1:", "u:1:"), Err(HttpError::Unexpected { .. })), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(bytes: Vec<u8>, text in r#"\[("[a-z/:]{0,6}",?){0,4}\]?"#) {
            let _ = keys(&bytes, "a:", "a:b");
            let _ = keys(text.as_bytes(), "a:", "a:b");
        }
    }
}

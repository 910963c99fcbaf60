//! Converts keys to paths that every release and driver of unstorage reads as the same key.

use crate::error::Error;

/// Segments that the file system driver omits from its listings, so that a revocation could miss sessions.
const HIDDEN: [&str; 2] = ["node_modules", ".git"];

/// The maximum length of a segment, which is a file name in the file system driver.
const MAX_SEGMENT_BYTES: usize = 255;

/// Returns the path of a key: its segments, each after a slash.
///
/// Rejects keys that a release truncates, merges or decodes differently: a key may only consist of letters, digits,
/// `-`, `_`, `.`, `~`, and colons between segments.
pub(super) fn path(key: &str) -> Result<String, Error> {
    let mut path = String::with_capacity(1 + key.len());
    for segment in key.split(':') {
        if segment.is_empty() || segment == "." || segment == ".." {
            return Err(Error::UnsupportedKey { reason: "has a segment that is empty, `.` or `..`" });
        }
        if !segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)) {
            return Err(Error::UnsupportedKey { reason: "has a character that unstorage rewrites" });
        }
        if segment.len() > MAX_SEGMENT_BYTES {
            return Err(Error::UnsupportedKey { reason: "has a segment of more than 255 bytes" });
        }
        if HIDDEN.contains(&segment) {
            return Err(Error::UnsupportedKey { reason: "has a segment that the file system driver does not list" });
        }
        path.push('/');
        path.push_str(segment);
    }
    Ok(path)
}

/// Returns the path at which the keys with a prefix are listed. The listing contains others if the prefix ends within a
/// segment.
pub(super) fn base_path(prefix: &str) -> Result<String, Error> {
    let mut path = match prefix.rsplit_once(':') {
        Some((base, _)) => path(base)?,
        None => String::new(),
    };
    path.push_str("/:");
    Ok(path)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_paths() {
        assert_eq!(path("session:at_abc123").unwrap(), "/session/at_abc123");
        assert_eq!(path("app:user_session:u~3A1:s-1").unwrap(), "/app/user_session/u~3A1/s-1");
        assert_eq!(base_path("user_session:u1:").unwrap(), "/user_session/u1/:");
        assert_eq!(base_path("session:at_").unwrap(), "/session/:");
        assert_eq!(base_path("at_").unwrap(), "/:");
        assert_eq!(base_path("").unwrap(), "/:");
    }

    #[test]
    fn u6_keys_that_some_release_rewrites_are_rejected() {
        let keys = [
            "",
            ":",
            "a:",
            ":a",
            "a::b",
            "a:.",
            "a:..",
            "..:a",
            "a/b",
            "a\\b",
            "a?b",
            "a#b",
            "a%b",
            "a%3Ab",
            "a$",
            "a b",
            "a+b",
            "a@b",
            "é",
            "😀",
            "a\nb",
            "a\0b",
            "*",
            "[a]",
            "node_modules",
            "a:node_modules:b",
            ".git:a",
        ];
        for key in keys {
            assert!(matches!(path(key), Err(Error::UnsupportedKey { .. })), "{key:?}");
        }
        assert!(path(&format!("session:{}", "a".repeat(255))).is_ok() && path(&"a".repeat(256)).is_err());
        assert!(base_path("node_modules:").is_err() && base_path("a/b:").is_err());
    }

    proptest! {
        #[test]
        fn no_two_keys_share_a_path(a in "[a-b.:~/?]{0,6}", b in "[a-b.:~/?]{0,6}") {
            if let (Ok(path_of_a), Ok(path_of_b)) = (path(&a), path(&b)) {
                prop_assert_eq!(path_of_a == path_of_b, a == b);
            }
        }

        #[test]
        fn url_libraries_do_not_change_paths(key in "[A-Za-z0-9._~:-]{1,40}") {
            if let Ok(path) = path(&key) {
                let mut url = lucia_http::reqwest::Url::parse("http://host").unwrap();
                url.set_path(&path);
                prop_assert_eq!(url.path(), path);
            }
        }

        #[test]
        fn no_key_panics(key in ".*") {
            let _ = (path(&key), base_path(&key));
        }
    }
}

//! Converts keys to names of objects, which every service stores unchanged.

use object_store::path::Path;

use crate::error::ObjectStoreError;

/// The length of the longest name that S3, Azure and Google Cloud Storage accept, in bytes.
pub(crate) const MAX_LENGTH: usize = 1_024;

/// Returns the name of a key: its segments, with slashes between them.
///
/// A key may only consist of letters, digits, `-`, `_`, `.`, `~`, and colons between segments.
pub(crate) fn path(key: &str) -> Result<Path, ObjectStoreError> {
    if key.len() > MAX_LENGTH {
        return Err(unsupported("is longer than 1,024 bytes"));
    }
    for segment in key.split(':') {
        // Azure forbids segments that end with a dot.
        if segment.is_empty() || segment.ends_with('.') {
            return Err(unsupported("has a segment that is empty or ends with a dot"));
        }
        if !segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)) {
            return Err(unsupported("has a character that some services rewrite"));
        }
    }
    // Not `Path::from`, which escapes `~`.
    Path::parse(key.replace(':', "/")).map_err(|_| unsupported("is not a name of an object"))
}

/// Rejects a key with a longer segment, which is not created. An object that has one may exist.
pub(crate) fn check_segments(key: &str, max_length: usize) -> Result<(), ObjectStoreError> {
    if key.split(':').all(|segment| segment.len() <= max_length) {
        return Ok(());
    }
    Err(unsupported("has a segment that is longer than `ObjectKvConfig::max_segment_length`"))
}

const fn unsupported(reason: &'static str) -> ObjectStoreError {
    ObjectStoreError::UnsupportedKey { reason }
}

/// Returns the key of an object. `None` if no key has this name.
pub(crate) fn key(path: &Path) -> Option<String> {
    let name = path.as_ref();
    (!name.contains(':')).then(|| name.replace('/', ":"))
}

/// Returns the beginning of the names of the keys with a prefix.
pub(crate) fn name_prefix(prefix: &str) -> String {
    prefix.replace(':', "/")
}

/// Returns the folder of the keys with a prefix, and `None` if that is the whole bucket. It contains other keys if the
/// prefix ends within a segment.
pub(crate) fn folder(prefix: &str) -> Option<Path> {
    let (folder, _) = prefix.rsplit_once(':')?;
    Path::parse(name_prefix(folder)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_paths() {
        assert_eq!(path("session:at_abc123").unwrap().as_ref(), "session/at_abc123");
        assert_eq!(path("app:user_session:u~3A1:s-1").unwrap().as_ref(), "app/user_session/u~3A1/s-1");
        assert_eq!(folder("user_session:u1:").unwrap().as_ref(), "user_session/u1");
        assert_eq!(folder("session:at_").unwrap().as_ref(), "session");
        assert_eq!([folder("at_"), folder("")], [None, None]);
    }

    #[test]
    fn keys_that_some_service_rewrites_or_refuses_are_rejected() {
        for key in
            ["", ":", "a:", ":a", "a::b", "a:.", "a:..", "..:a", "a.:b", "a/b", "a\\b", "a?b", "a%3Ab", "é", "a b"]
        {
            assert!(matches!(path(key), Err(ObjectStoreError::UnsupportedKey { .. })), "{key:?}");
        }
        assert!(path(&"a".repeat(1_024)).is_ok() && path(&"a".repeat(1_025)).is_err());
        let segment = "a".repeat(255);
        assert!(check_segments(&segment, 255).is_ok() && check_segments(&format!("b:{segment}a"), 255).is_err());
    }

    #[test]
    fn foreign_objects_are_not_keys() {
        assert_eq!(key(&Path::parse("session/a:b").unwrap()), None);
    }

    proptest! {
        #[test]
        fn names_of_keys_are_unique(a in "[a-b.:~/?]{0,6}", b in "[a-b.:~/?]{0,6}") {
            if let (Ok(name_of_a), Ok(name_of_b)) = (path(&a), path(&b)) {
                prop_assert_eq!(name_of_a == name_of_b, a == b);
            }
        }

        #[test]
        fn names_round_trip(text in "[A-Za-z0-9._~:-]{1,40}") {
            if let Ok(name) = path(&text) {
                prop_assert_eq!(key(&name), Some(text));
            }
        }

        #[test]
        fn no_key_panics(key in ".*") {
            let _ = (path(&key), folder(&key));
        }
    }
}

//! Escapes ids in keys. A segment contains only `A-Z a-z 0-9 - _` and `~`, which no store, URL or file system rewrites.
//!
//! Ids of letters, digits, `-` and `_` are not changed, as in Lucia JS. Every other byte is `~` and two upper-case
//! hexadecimal digits, and the empty id is a single `~`. Different ids have different segments.

use std::fmt::Write as _;

pub(super) fn push_escaped(key: &mut String, id: &str) {
    if id.is_empty() {
        key.push('~');
    }
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' {
            key.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(key, "~{byte:02X}");
        }
    }
}

/// Returns the id of a segment. `None` if it is not the escaped form of an id.
pub(super) fn unescape(segment: &str) -> Option<String> {
    if segment == "~" {
        return Some(String::new());
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'~' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            _ => byte,
        });
    }
    let id = String::from_utf8(bytes).ok()?;
    let mut canonical = String::with_capacity(segment.len());
    push_escaped(&mut canonical, &id);
    (canonical == segment).then_some(id)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escape(id: &str) -> String {
        let mut key = String::new();
        push_escaped(&mut key, id);
        key
    }

    #[test]
    fn plain_ids_are_stored_as_in_lucia_js() {
        assert_eq!(escape("at_Session-1"), "at_Session-1");
        assert_eq!(escape("a:b~"), "a~3Ab~7E");
        assert_eq!(escape(""), "~");
        assert_eq!(unescape("~3a"), None, "nobody writes lower-case digits");
        assert_eq!(unescape("~+1"), None);
        assert_eq!(unescape("a:b"), None);
        assert_eq!(unescape(""), None);
    }

    proptest! {
        #[test]
        fn no_two_ids_share_a_segment(id in ".*") {
            let segment = escape(&id);
            prop_assert!(segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_~".contains(&byte)));
            prop_assert_eq!(unescape(&segment), Some(id));
        }

        #[test]
        fn segments_are_unambiguous(segment in "[a~0-9A-F]{0,12}") {
            if let Some(id) = unescape(&segment) {
                prop_assert_eq!(escape(&id), segment);
            }
        }
    }
}

use crate::{
    driver::SqlValue,
    refusal::{Reason, quoted},
    tables::{Column, Limit, Repertoire},
};

/// Returns the stored form of an id, or of another text field of Lucia.
pub(crate) fn id(column: &Column, text: &str) -> Result<SqlValue, Reason> {
    check_text(&column.limit, text).map(|()| SqlValue::from(text))
}

/// Checks that a column stores a text without changing it.
pub(super) fn check_text(limit: &Limit, text: &str) -> Result<(), Reason> {
    match limit {
        Limit::Text { nul: false, .. } | Limit::Format if text.contains('\0') => {
            Err("must not contain a NUL character".into())
        }
        Limit::Text { max_chars: Some(max), .. } => check_length(text, *max),
        Limit::Encoded { repertoire, .. } if !text.chars().all(|character| repertoire.has(character)) => {
            Err(format!("must contain only characters of {}", repertoire.name()).into())
        }
        Limit::Encoded { trims: true, .. } if text.ends_with(' ') => Err("must not end with a space".into()),
        Limit::Encoded { max_chars, .. } => check_length(text, *max_chars),
        Limit::Labels(labels) if !labels.iter().any(|label| label == text) => Err(one_of(labels)),
        Limit::Uuid if !is_canonical_uuid(text) => {
            Err("must be a UUID in lower case with hyphens, such as a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11".into())
        }
        Limit::Text { .. }
        | Limit::Labels(_)
        | Limit::Uuid
        | Limit::Format
        | Limit::None
        | Limit::Bytes { .. }
        | Limit::Range(..)
        | Limit::Single
        | Limit::Times { .. }
        | Limit::Digits { .. } => Ok(()),
    }
}

fn check_length(text: &str, max: usize) -> Result<(), Reason> {
    if text.len() <= max {
        return Ok(());
    }
    match text.chars().count() {
        count if count <= max => Ok(()),
        count => Err(format!("must have at most {max} characters, and has {count}").into()),
    }
}

/// Returns the reason that a value must be one of these labels.
pub(super) fn one_of<S: AsRef<str>>(labels: &[S]) -> Reason {
    format!("must be one of {}", quoted(labels)).into()
}

impl Repertoire {
    const fn name(self) -> &'static str {
        match self {
            Self::Ascii => "ASCII",
            Self::Windows1252 => "latin1",
            Self::BasicPlane => "utf8mb3",
            Self::Unicode => "Unicode",
        }
    }

    fn has(self, character: char) -> bool {
        match self {
            Self::Ascii => character.is_ascii(),
            // The bytes 80 to 9F encode the quoted characters; the others are the same as in Unicode.
            Self::Windows1252 => {
                matches!(character, '\0'..='\x7F' | '\u{A0}'..='\u{FF}')
                    || "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ".contains(character)
            }
            Self::BasicPlane => u32::from(character) <= 0xFFFF,
            Self::Unicode => true,
        }
    }
}

/// Returns `true` for groups of 8, 4, 4, 4 and 12 hexadecimal digits in lower case, the form in which databases print a
/// UUID.
fn is_canonical_uuid(text: &str) -> bool {
    let hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let fits = |(index, byte)| if matches!(index, 8 | 13 | 18 | 23) { byte == b'-' } else { hexadecimal(byte) };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stores_text(limit: &Limit, text: &str) -> bool {
        check_text(limit, text).is_ok()
    }

    #[test]
    fn a_uuid_has_one_spelling() {
        assert!(is_canonical_uuid("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"));
        for other in [
            "",
            "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
            "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1\u{e9}",
        ] {
            assert!(!is_canonical_uuid(other), "{other}");
        }
    }

    #[test]
    fn text_is_counted_in_characters() {
        let limit = |max_chars, nul| Limit::Text { max_chars, nul };
        assert!(stores_text(&limit(Some(2), false), "\u{e9}\u{1f600}"));
        assert!(!stores_text(&limit(Some(2), false), "ab "));
        assert!(stores_text(&limit(None, true), "a\0b") && !stores_text(&limit(None, false), "a\0b"));
        let encoded = |repertoire, trims| Limit::Encoded { max_chars: 2, repertoire, trims };
        let trimmed = encoded(Repertoire::Unicode, true);
        assert!(stores_text(&trimmed, " a") && !stores_text(&trimmed, "a ") && !stores_text(&trimmed, "abc"));
        for (repertoire, held, not_held) in
            [(Repertoire::Ascii, "a ", "é"), (Repertoire::Windows1252, "é€", "ő"), (Repertoire::BasicPlane, "日", "😀")]
        {
            let limit = encoded(repertoire, false);
            assert!(stores_text(&limit, held) && !stores_text(&limit, not_held), "{repertoire:?}");
        }
    }
}

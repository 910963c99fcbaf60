use std::error::Error;

/// The error of the operating system's generator, opaque: the crate that asks it is not part of the API.
pub(crate) type RandomError = Box<dyn Error + Send + Sync>;

const ALPHABET: [u8; 36] = *b"abcdefghijklmnopqrstuvwxyz1234567890";

/// Larger bytes stand for no character, because they would make the first letters of the alphabet more likely.
const UNBIASED: u8 = 252;

/// Returns uniformly random bytes from the operating system's generator.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// Returns `len` uniformly random characters of Lucia's alphabet.
pub(crate) fn random_string(len: usize) -> Result<String, RandomError> {
    random_text(len, character)
}

/// Returns `len` uniformly random digits.
pub(crate) fn random_digits(len: usize) -> Result<String, RandomError> {
    random_text(len, digit)
}

/// Returns `len` characters of random bytes. Discards the bytes for which there is none.
fn random_text(len: usize, choose: fn(u8) -> Option<char>) -> Result<String, RandomError> {
    let mut text = String::with_capacity(len);
    while text.len() < len {
        let bytes = random_bytes::<64>()?;
        text.extend(bytes.into_iter().filter_map(choose).take(len - text.len()));
    }
    Ok(text)
}

/// Returns no digit for the bytes that would make small digits more likely.
fn digit(byte: u8) -> Option<char> {
    (byte < 250).then(|| char::from(b'0' + byte % 10))
}

fn character(byte: u8) -> Option<char> {
    (byte < UNBIASED).then(|| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn every_character_stands_for_equally_many_bytes() {
        let mut counts = BTreeMap::new();
        for character in (0..=u8::MAX).filter_map(character) {
            *counts.entry(character).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 36);
        assert!(counts.values().all(|&count| count == 7));
    }

    #[test]
    fn every_digit_stands_for_equally_many_bytes() {
        let mut counts = BTreeMap::new();
        for digit in (0..=u8::MAX).filter_map(digit) {
            *counts.entry(digit).or_insert(0) += 1;
        }
        assert_eq!(counts.keys().collect::<String>(), "0123456789");
        assert!(counts.values().all(|&count| count == 25));
        assert_eq!(random_digits(6).unwrap().len(), 6);
        assert_eq!(random_digits(300).unwrap().len(), 300);
    }

    #[test]
    fn texts_have_the_length_asked_for_and_differ() {
        for len in [0, 1, 15, 16, 40, 64, 65, 300] {
            let text = random_string(len).unwrap();
            assert_eq!(text.len(), len);
            assert!(text.bytes().all(|byte| ALPHABET.contains(&byte)));
        }
        let texts: BTreeSet<_> = (0..100).map(|_| random_string(15).unwrap()).collect();
        assert_eq!(texts.len(), 100);
    }
}

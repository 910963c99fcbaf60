use std::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{Error, client::Mark, hex::hex, random::random_bytes};

const KEY_LEN: usize = 32;
/// The length to which HMAC-SHA256 pads its key.
const BLOCK_LEN: usize = 64;

/// The secret key of a [`Throttle`](crate::Throttle): 32 random bytes, in all processes the same.
///
/// Under it the store holds no addresses or names, and nobody can forge the cookie of a device. With another key the
/// counts start again, devices are unknown, and codes of `Tokens`, which are hashed under it, are void. `Debug` hides it.
///
/// Create one with `openssl rand -hex 32`, and keep it where other secrets of the application are:
///
/// ```
/// use lucia_auth::ThrottleKey;
///
/// # let variable = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
/// let key: ThrottleKey = variable.parse()?;
/// assert!("too short".parse::<ThrottleKey>().is_err());
/// # Ok::<(), lucia_auth::InvalidThrottleKey>(())
/// ```
#[derive(Clone)]
pub struct ThrottleKey(Hmac<Sha256>);

/// A malformed [`ThrottleKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a throttle key consists of 64 hexadecimal digits, such as the output of `openssl rand -hex 32`")]
#[non_exhaustive]
pub struct InvalidThrottleKey {}

impl ThrottleKey {
    /// Creates a key from bytes, which must be random.
    #[must_use]
    pub fn from_bytes(key: [u8; KEY_LEN]) -> Self {
        let mut block = [0; BLOCK_LEN];
        block[..KEY_LEN].copy_from_slice(&key);
        Self(Hmac::new(&block.into()))
    }

    /// Generates a key for this process.
    ///
    /// # Errors
    /// Returns [`Random`](Error::Random).
    pub fn generate() -> Result<Self, Error> {
        random_bytes().map(Self::from_bytes).map_err(Error::Random)
    }

    /// Returns the key of a counter, from which nobody learns the parts.
    pub(crate) fn counter(&self, kind: &str, parts: &[&[u8]]) -> String {
        hex(&self.mac(kind, parts).finalize().into_bytes())
    }

    /// Returns the mark of a device that signed in to an account on this day.
    pub(super) fn mark(&self, device: &[u8; 16], account: &str, day: u32) -> Mark {
        let bytes: [u8; 32] = self.mark_mac(device, account, day).finalize().into_bytes().into();
        Mark { day, code: std::array::from_fn(|index| bytes[index]) }
    }

    /// Returns `true` if this is the mark of a sign-in to this account. Takes the same time for every code.
    pub(super) fn is_mark(&self, mark: &Mark, device: &[u8; 16], account: &str) -> bool {
        self.mark_mac(device, account, mark.day).verify_truncated_left(&mark.code).is_ok()
    }

    fn mark_mac(&self, device: &[u8; 16], account: &str, day: u32) -> Hmac<Sha256> {
        self.mac("known device", &[device, account.as_bytes(), &day.to_be_bytes()])
    }

    /// Authenticates each part with its length, so that no two lists of parts have the same code.
    fn mac(&self, kind: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in [kind.as_bytes()].iter().chain(parts) {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

impl FromStr for ThrottleKey {
    type Err = InvalidThrottleKey;

    /// Parses 64 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, InvalidThrottleKey> {
        if text.len() != 2 * KEY_LEN || !text.is_ascii() {
            return Err(InvalidThrottleKey {});
        }
        let mut key = [0; KEY_LEN];
        for (byte, digits) in key.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digit = |index: usize| char::from(digits[index]).to_digit(16).ok_or(InvalidThrottleKey {});
            *byte = u8::try_from(digit(0)? << 4 | digit(1)?).map_err(|_| InvalidThrottleKey {})?;
        }
        Ok(Self::from_bytes(key))
    }
}

impl fmt::Debug for ThrottleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ThrottleKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_hmac_sha256() {
        // RFC 4231, test case 2, whose key is padded to 32 bytes here as HMAC itself pads it.
        let mut key = [0; KEY_LEN];
        key[..4].copy_from_slice(b"Jefe");
        let mut mac = ThrottleKey::from_bytes(key).0;
        mac.update(b"what do ya want for nothing?");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let code: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(code, expected);
    }

    #[test]
    fn different_parts_have_different_codes() {
        let key = ThrottleKey::from_bytes([1; 32]);
        let lists: [(&str, &[&[u8]]); 6] = [
            ("a", &[b"b", b"c"]),
            ("a", &[b"bc"]),
            ("a", &[b"bc", b""]),
            ("ab", &[b"c"]),
            ("a", &[b"b\0c"]),
            ("a", &[b"c", b"b"]),
        ];
        let mut codes: Vec<_> = lists.iter().map(|(kind, parts)| key.counter(kind, parts)).collect();
        codes.push(ThrottleKey::from_bytes([2; 32]).counter("a", &[b"bc"]));
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 7);
    }

    #[test]
    fn keys_are_64_hexadecimal_digits() {
        let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1B1C1D1E1F";
        let bytes = std::array::from_fn(|index| u8::try_from(index).unwrap());
        let parsed: ThrottleKey = hex.parse().unwrap();
        assert_eq!(parsed.counter("a", &[]), ThrottleKey::from_bytes(bytes).counter("a", &[]));
        let e_acute = format!("{}é", &hex[2..]);
        for malformed in
            ["", &hex[1..], &format!("{hex}0"), &format!("{}g", &hex[1..]), &format!("+{}", &hex[1..]), &e_acute]
        {
            assert!(malformed.parse::<ThrottleKey>().is_err(), "{malformed}");
        }
    }
}

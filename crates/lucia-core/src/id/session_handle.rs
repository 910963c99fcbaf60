use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::digest::sha256;

/// A short name of a session, which is not secret: for lists of devices, links and logs.
///
/// It consists of 16 hexadecimal digits, stays the same until the session's token is replaced, and does not
/// reveal its id.
/// [`SessionId::handle`](crate::SessionId::handle) returns it.
///
/// ```
/// use lucia_core::{SessionHandle, SessionToken};
///
/// let handle = SessionToken::new("0b3ae9d2c4").hashed_id().handle();
/// assert_eq!(handle.to_string(), "4b97a80916e12c64");
/// assert_eq!("4b97a80916e12c64".parse::<SessionHandle>()?, handle);
/// # Ok::<(), lucia_core::InvalidSessionHandle>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionHandle(u64);

/// A text that is not a [`SessionHandle`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a session handle consists of 16 lower-case hexadecimal digits")]
pub struct InvalidSessionHandle;

impl SessionHandle {
    /// Returns the handle of the session that is stored under this hashed id.
    pub(super) fn of_hashed(id: &str) -> Self {
        let digest = sha256(id);
        Self(u64::from_be_bytes(std::array::from_fn(|index| digest[index])))
    }
}

impl fmt::Display for SessionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for SessionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionHandle({self})")
    }
}

impl FromStr for SessionHandle {
    type Err = InvalidSessionHandle;

    fn from_str(handle: &str) -> Result<Self, InvalidSessionHandle> {
        let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if handle.len() != 16 || !handle.bytes().all(is_digit) {
            return Err(InvalidSessionHandle);
        }
        u64::from_str_radix(handle, 16).map(Self).map_err(|_| InvalidSessionHandle)
    }
}

impl Serialize for SessionHandle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SessionHandle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

use std::fmt;

use super::{
    SessionId,
    digest::{is_sha256_hex, sha256_hex},
};

/// The secret of a session, which only its client holds, in a cookie or as a bearer token.
///
/// A store holds its hash, so that nobody can sign in with a stolen copy of the store. `Debug` hides the token, and
/// neither `Display` nor `Serialize` is implemented, so that it is not printed by accident.
///
/// ```
/// use lucia_core::SessionToken;
///
/// let token = SessionToken::new("0b3ae9d2c4");
/// assert!(token.hashed_id().as_str().starts_with("63923687153ac864"));
/// assert_eq!(format!("{token:?}"), "SessionToken(..)");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SessionToken(String);

impl SessionToken {
    /// Creates a token from any string. `lucia-auth` checks the tokens that clients send.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// Returns the token as in cookies.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the token without copying.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// Returns the id under which the session is stored: SHA-256 of the token, as 64 lower-case hexadecimal digits.
    ///
    /// Lucia's guides hash the tokens of sessions in the same way, so rows of applications that follow them fit.
    #[must_use]
    pub fn hashed_id(&self) -> SessionId {
        SessionId::new(sha256_hex(&self.0))
    }

    /// Returns `true` if the token has the form of a hashed id, which may come from a stolen store.
    #[must_use]
    pub fn is_hash(&self) -> bool {
        is_sha256_hex(&self.0)
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(..)")
    }
}

impl From<String> for SessionToken {
    fn from(token: String) -> Self {
        Self(token)
    }
}

impl From<&str> for SessionToken {
    fn from(token: &str) -> Self {
        Self(token.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `encodeHexLowerCase(sha256(new TextEncoder().encode(token)))`, as in Lucia's guides, by
    /// `@oslojs/crypto` 1.0.1.
    #[test]
    fn ids_are_hashed_as_in_lucias_guides() {
        for (token, id) in [
            (
                "t7grnfvlq5iqmmzpdtsgpwfhnoszwbmqgjsnwy3z",
                "59eeef354874cd013731e404364bb0349e65f30b3bdfff623c49304222dc7309",
            ),
            ("at_0b3ae9d2c4", "3acd8bdd07da846a151e733c3b2036d874ce32a4199a219051fcaf73b6920673"),
            ("\u{65e5}\u{672c}", "cf2abf0c5be326cb922a70f8163f91079c4d9aa8655c60ead89ad545c9de2e92"),
        ] {
            assert_eq!(SessionToken::new(token).hashed_id().as_str(), id);
        }
    }
}

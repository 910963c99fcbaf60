use std::time::Duration;

use lucia_core::TokenKind;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// The purpose of a one-time token. A token is valid for no other purpose than that for which it was issued.
///
/// ```
/// use std::time::Duration;
/// use lucia_auth::TokenPurpose;
///
/// const INVITATION: TokenPurpose = TokenPurpose::new("invitation", Duration::from_secs(7 * 86_400));
///
/// assert_eq!(INVITATION.as_str(), "invitation");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenPurpose {
    name: &'static str,
    lifetime: Duration,
}

impl TokenPurpose {
    /// The verification of an email address. Tokens are valid for 24 hours.
    pub const EMAIL_VERIFICATION: Self = Self::new("email_verification", Duration::from_secs(24 * HOUR));

    /// The reset of a forgotten password, with `Tokens::reset_password`. Tokens are valid for 30 minutes.
    pub const PASSWORD_RESET: Self = Self::new("password_reset", Duration::from_secs(30 * MINUTE));

    /// A sign-in without a password. Tokens are valid for 15 minutes.
    pub const MAGIC_LINK: Self = Self::new("magic_link", Duration::from_secs(15 * MINUTE));

    /// Creates a purpose of the application's own, with the lifetime of its tokens. Declare it as a constant.
    ///
    /// The name is what the store holds, as the kind of the token.
    ///
    /// # Panics
    /// Panics unless the name has 1 to 64 characters of `a-z 0-9 _ -`, which fails the compilation of a constant.
    #[must_use]
    pub const fn new(name: &'static str, lifetime: Duration) -> Self {
        // The destructor of a kind is not `const`.
        std::mem::forget(TokenKind::from_static(name));
        Self { name, lifetime }
    }

    /// Returns the name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.name
    }

    /// Returns the time for which tokens are valid, unless [`NewToken::lifetime`](crate::NewToken::lifetime) is set.
    #[must_use]
    pub const fn lifetime(self) -> Duration {
        self.lifetime
    }

    pub(super) const fn kind(self) -> TokenKind {
        TokenKind::from_static(self.name)
    }

    pub(super) fn is_password_reset(self) -> bool {
        self.name == Self::PASSWORD_RESET.name
    }
}

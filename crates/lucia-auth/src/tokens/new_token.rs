use std::{fmt, time::Duration};

use lucia_core::{InvalidKeyId, KeyId, UserId};

use super::TokenPurpose;

/// A token to issue. `Debug` hides what it is bound to.
///
/// ```
/// use std::time::Duration;
/// use lucia_auth::{NewToken, TokenPurpose};
///
/// let verification = NewToken::new(TokenPurpose::EMAIL_VERIFICATION, "u1").bound_to("ada@example.com");
/// let reset = NewToken::for_key(TokenPurpose::PASSWORD_RESET, ("email", "ada@example.com"))
///     .lifetime(Duration::from_secs(600));
/// ```
#[derive(Clone)]
#[must_use]
pub struct NewToken {
    pub(super) purpose: TokenPurpose,
    pub(super) subject: Subject,
    pub(super) lifetime: Option<Duration>,
    pub(super) bound_to: Option<String>,
    pub(super) interval: Option<Duration>,
}

/// What a token is issued for.
#[derive(Clone)]
pub(super) enum Subject {
    User(UserId),
    Key(Result<KeyId, InvalidKeyId>),
}

impl NewToken {
    /// Creates a token for a user, with the lifetime of its purpose.
    pub fn new(purpose: TokenPurpose, user_id: impl Into<UserId>) -> Self {
        Self { purpose, subject: Subject::User(user_id.into()), lifetime: None, bound_to: None, interval: None }
    }

    /// Creates a token for a key and its user. If the key is deleted or renamed, or its password or the hash of its
    /// password changes, the token is void.
    ///
    /// [`Redeemed::key`](crate::Redeemed::key) is then the verified key, which signs in with
    /// [`NewSession::for_key`](crate::NewSession::for_key).
    pub fn for_key(purpose: TokenPurpose, key_id: impl TryInto<KeyId, Error: Into<InvalidKeyId>>) -> Self {
        let subject = Subject::Key(key_id.try_into().map_err(Into::into));
        Self { purpose, subject, lifetime: None, bound_to: None, interval: None }
    }

    /// Sets the time for which the token is valid. Defaults to the [lifetime of the purpose](TokenPurpose::lifetime),
    /// and for codes to at most 10 minutes.
    pub const fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// Sets a text that is returned when the token is redeemed, such as the email address to which it is sent. The
    /// application compares it with its data of that time.
    ///
    /// It is stored as it is. Stores hold at least 60 kB of text without quotes, backslashes and
    /// control characters.
    pub fn bound_to(mut self, text: impl Into<String>) -> Self {
        self.bound_to = Some(text.into());
        self
    }

    /// Sets the time after which a token for the same user, purpose, key and [text](Self::bound_to) may be issued again.
    /// Defaults to none. Before that, the error is [`TooManyAttempts`](crate::Error::TooManyAttempts), also if the last one
    /// was redeemed.
    ///
    /// A link that is issued so leaves the user's older tokens valid, until they expire or one of them is redeemed. So
    /// somebody who asks for links to another's address neither floods the mailbox nor voids the link that its
    /// owner asked for. A code replaces the last one: there is one for each user and purpose.
    pub const fn at_most_every(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }
}

impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewToken")
            .field("purpose", &self.purpose)
            .field("lifetime", &self.lifetime)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

use std::borrow::Cow;

/// The reason why a password cannot be set.
///
/// `Display` returns a line to show next to the field of the password. It never contains the password.
///
/// ```
/// use lucia_auth::{Auth, Error, NewKey, NewUser, PasswordError, PasswordRejection, memory::MemoryAdapter};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let auth = Auth::builder(MemoryAdapter::new()).build()?;
/// let key = NewKey::with_password(("username", "ada"), "horse");
/// let Err(Error::Password(PasswordError::Rejected(rejection))) = auth.create_user(NewUser::new().key(key)).await else {
///     panic!("accepted");
/// };
/// assert_eq!(rejection, PasswordRejection::TooShort { min: 8 });
/// assert_eq!(rejection.to_string(), "the password must have at least 8 characters");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordRejection {
    /// The password is too short.
    // Exhaustive, so that a `PasswordCheck` can return it.
    #[error("the password must have at least {min} characters")]
    TooShort {
        /// The minimum, in code points after normalisation.
        min: usize,
    },
    /// The password is easy to guess from a word of its [`PasswordContext`](crate::PasswordContext).
    #[error("the password is too easy to guess from the user name or another known word")]
    ContextWord,
    /// The password is common, or follows a common pattern.
    #[error("the password is too easy to guess")]
    Guessable,
    /// The password is in a list of passwords that were stolen from any service.
    #[error("the password is in a list of stolen passwords")]
    Breached,
    /// The reason of the application's own [`PasswordCheck`](crate::PasswordCheck). It must not contain the password.
    #[error("{0}")]
    Other(Cow<'static, str>),
}

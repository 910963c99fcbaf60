use std::fmt::Debug;

use lucia_core::async_trait;

use super::{PasswordContext, PasswordError, PasswordRejection};

/// A rule of the application for new passwords, such as a list of stolen passwords.
///
/// Add it with [`PasswordRules::check`](crate::PasswordRules::check). The guide `docs/passwords.md` in the repository
/// has an example that asks a service.
///
/// ```
/// use lucia_auth::{
///     Auth, PasswordCheck, PasswordContext, PasswordError, PasswordRejection, PasswordRules, lucia_core::async_trait,
///     memory::MemoryAdapter,
/// };
///
/// #[derive(Debug)]
/// struct NotTheManual;
///
/// #[async_trait]
/// impl PasswordCheck for NotTheManual {
///     async fn check(&self, password: &str, _: &PasswordContext<'_>) -> Result<(), PasswordError> {
///         if password == "correct horse battery staple" {
///             return Err(PasswordRejection::Other("the password is the example of the manual".into()).into());
///         }
///         Ok(())
///     }
/// }
///
/// let auth = Auth::builder(MemoryAdapter::new()).password_rules(PasswordRules::new().check(NotTheManual)).build()?;
/// # Ok::<(), lucia_auth::BuildError>(())
/// ```
#[async_trait]
pub trait PasswordCheck: Debug + Send + Sync + 'static {
    /// Checks a password, which is normalised to NFKC.
    ///
    /// # Errors
    /// Returns a [`PasswordRejection`] for a password that the user must replace. If the check itself fails, for example
    /// because a service is unavailable, the application chooses: `Ok` accepts the password,
    /// [`PasswordError::check_failed`] keeps it from being set until the check works again.
    async fn check(&self, password: &str, context: &PasswordContext<'_>) -> Result<(), PasswordError>;
}

/// Rejects a password that is one of the words, apart from case, spaces and punctuation.
#[derive(Debug)]
pub(super) struct NotAContextWord;

#[async_trait]
impl PasswordCheck for NotAContextWord {
    async fn check(&self, password: &str, context: &PasswordContext<'_>) -> Result<(), PasswordError> {
        let letters = |text: &str| -> String { text.chars().filter(|character| character.is_alphanumeric()).collect() };
        let password = letters(&password.to_lowercase());
        if !password.is_empty() && context.words().any(|word| letters(word) == password) {
            return Err(PasswordRejection::ContextWord.into());
        }
        Ok(())
    }
}

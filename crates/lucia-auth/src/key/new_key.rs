use std::fmt;

/// A key to create. `Debug` hides the password.
///
/// ```
/// use lucia_auth::NewKey;
///
/// let oauth = NewKey::new("github", "583231");
/// let password = NewKey::with_password("username", "ada", "correct horse");
/// assert!(!format!("{password:?}").contains("horse"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct NewKey {
    pub(super) provider_id: String,
    pub(super) provider_user_id: String,
    pub(super) password: Option<String>,
}

impl NewKey {
    /// A key without a password: the provider vouches for the user.
    #[must_use]
    pub fn new(provider_id: impl Into<String>, provider_user_id: impl Into<String>) -> Self {
        Self { provider_id: provider_id.into(), provider_user_id: provider_user_id.into(), password: None }
    }

    /// A key with a password, which may not be empty.
    #[must_use]
    pub fn with_password(
        provider_id: impl Into<String>,
        provider_user_id: impl Into<String>,
        password: impl Into<String>,
    ) -> Self {
        Self { password: Some(password.into()), ..Self::new(provider_id, provider_user_id) }
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey")
            .field("provider_id", &self.provider_id)
            .field("provider_user_id", &self.provider_user_id)
            .field("password", &self.password.as_ref().map(|_| ".."))
            .finish()
    }
}

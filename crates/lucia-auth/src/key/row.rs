use lucia_core::UserId;

/// A key as the application sees it: one way in which a user signs in. The hash stays behind.
///
/// ```
/// use lucia_auth::Key;
///
/// fn describe(key: &Key) -> String {
///     format!("{} as {}", key.provider_id, key.provider_user_id)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Who vouches for the user: `username`, `email`, `github` and so on.
    pub provider_id: String,
    /// Who the user is there.
    pub provider_user_id: String,
    /// Who the user is here.
    pub user_id: UserId,
    /// Whether the key has a password.
    pub password_defined: bool,
}

use lucia_core::UserId;

/// A user as the application sees it.
///
/// ```
/// use lucia_auth::User;
///
/// fn greet(user: &User<Profile>) -> String {
///     format!("Hello {}", user.attributes.username)
/// }
/// struct Profile { username: String }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User<U> {
    /// The user's id.
    #[doc(alias = "userId")]
    pub id: UserId,
    /// The application's own columns.
    pub attributes: U,
}

use std::{fmt, ops::Deref};

use cookie::Cookie;

/// A `Set-Cookie` header for the session cookie.
///
/// `Display` writes the header's value. It dereferences to the cookie of the `cookie` crate, which
/// [`into_inner`](Self::into_inner) returns for a framework's cookie jar. `Debug` hides the value, which is a secret.
///
/// ```
/// use lucia_auth::{Auth, NewSession, NewUser, memory::MemoryAdapter};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let auth = Auth::builder(MemoryAdapter::new()).build()?;
/// let user = auth.create_user(NewUser::new()).await?;
/// let session = auth.create_session(NewSession::new(user.id)).await?;
/// let cookie = auth.create_session_cookie(Some(&session));
/// assert_eq!(cookie.value(), session.id.as_str());
/// assert!(cookie.to_string().contains("; HttpOnly; SameSite=Lax; Secure; Path=/"));
/// assert!(!format!("{cookie:?}").contains(session.id.as_str()));
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct SetCookie(Cookie<'static>);

impl SetCookie {
    pub(super) const fn new(cookie: Cookie<'static>) -> Self {
        Self(cookie)
    }

    /// Returns the cookie of the `cookie` crate. Its `Debug` shows the value.
    #[must_use]
    pub fn into_inner(self) -> Cookie<'static> {
        self.0
    }
}

impl Deref for SetCookie {
    type Target = Cookie<'static>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<SetCookie> for Cookie<'static> {
    fn from(cookie: SetCookie) -> Self {
        cookie.0
    }
}

impl fmt::Display for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetCookie").field("name", &self.0.name()).finish_non_exhaustive()
    }
}

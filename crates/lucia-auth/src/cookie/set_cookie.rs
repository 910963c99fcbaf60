use std::fmt;

use cookie::{Cookie, time::OffsetDateTime};
use lucia_core::UnixMillis;

/// A `Set-Cookie` header for the session cookie or the cookie of a device.
///
/// `Display` writes the header's value, for the response of any framework. `Debug` hides the cookie's value, which is a secret.
///
/// ```
/// use lucia_auth::{Auth, NewSession, NewUser, memory::MemoryAdapter};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let auth = Auth::builder(MemoryAdapter::new()).build()?;
/// let user = auth.create_user(NewUser::new()).await?;
/// let session = auth.create_session(NewSession::new(user.id)).await?;
/// let cookie = auth.create_session_cookie(Some(&session));
/// assert_eq!(cookie.value(), session.token.as_str());
/// assert!(cookie.to_string().contains("; HttpOnly; SameSite=Lax; Secure; Path=/"));
/// assert!(!format!("{cookie:?}").contains(session.token.as_str()));
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct SetCookie(Cookie<'static>);

impl SetCookie {
    pub(super) const fn new(cookie: Cookie<'static>) -> Self {
        Self(cookie)
    }

    /// Returns the cookie's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Returns the cookie's value: the token of the session, an empty string if it deletes the client's, or the name of a
    /// device.
    #[must_use]
    pub fn value(&self) -> &str {
        self.0.value()
    }

    /// Returns the expiry of the cookie, in whole seconds. `None` if it ends when the browser is closed.
    #[must_use]
    pub fn expires(&self) -> Option<UnixMillis> {
        let seconds = self.0.expires_datetime()?.unix_timestamp();
        Some(UnixMillis::new(seconds.saturating_mul(1_000)))
    }

    /// Makes browsers delete the cookie when they are closed.
    pub(crate) fn without_expiry(mut self) -> Self {
        self.0.set_expires(None::<OffsetDateTime>);
        self.0.set_max_age(None);
        self
    }

    #[cfg(test)]
    #[cfg(all(feature = "idna", feature = "public-suffix"))]
    pub(super) const fn cookie(&self) -> &Cookie<'static> {
        &self.0
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

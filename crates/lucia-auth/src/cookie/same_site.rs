/// The `SameSite` attribute of the session cookie.
///
/// ```
/// use lucia_auth::{SameSite, SessionCookie};
///
/// assert_eq!(SameSite::default(), SameSite::Lax);
/// let cookie = SessionCookie::new().same_site(SameSite::Strict);
/// ```
// Exhaustive: browsers know these three (RFC 6265bis).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SameSite {
    /// Browsers never send the cookie with requests from other sites.
    Strict,
    /// Browsers send the cookie with requests from other sites that load a page by a safe method, such as a followed
    /// link.
    #[default]
    Lax,
    /// Browsers send the cookie with all requests, and require it to be `Secure`.
    None,
}

impl SameSite {
    pub(super) const fn to_attribute(self) -> cookie::SameSite {
        match self {
            Self::Strict => cookie::SameSite::Strict,
            Self::Lax => cookie::SameSite::Lax,
            Self::None => cookie::SameSite::None,
        }
    }
}

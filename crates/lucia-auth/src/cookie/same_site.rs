/// With which requests from other sites browsers send the session cookie.
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
    /// With none.
    Strict,
    /// With those that load a page by a safe method, as following a link does.
    #[default]
    Lax,
    /// With all. Browsers require the cookie to be `Secure`.
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

/// An invalid option of a [`SessionCookie`](super::SessionCookie), with which browsers would reject the cookie.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSessionCookie {
    /// The name is not a token of RFC 6265.
    #[error("the cookie name {name:?} must contain only letters, digits and !#$%&'*+-.^_`|~")]
    #[non_exhaustive]
    Name {
        /// The name.
        name: String,
    },
    /// A name that starts with `__Secure-` or `__Host-` requires a `Secure` cookie.
    #[error("the cookie name {name:?} requires Env::Prod, where cookies are Secure")]
    #[non_exhaustive]
    InsecurePrefix {
        /// The name.
        name: String,
    },
    /// A name that starts with `__Host-` requires the path `/` and no domain.
    #[error("the cookie name {name:?} requires the path \"/\" and no domain")]
    #[non_exhaustive]
    HostPrefix {
        /// The name.
        name: String,
    },
    /// `SameSite=None` requires a `Secure` cookie.
    #[error("SameSite=None requires Env::Prod, where cookies are Secure")]
    InsecureSameSiteNone,
    /// `Partitioned` requires a `Secure` cookie.
    #[error("a Partitioned cookie requires Env::Prod, where cookies are Secure")]
    InsecurePartitioned,
    /// The path is not absolute, or contains a character that would end the attribute.
    #[error("the cookie path {path:?} must start with \"/\" and contain only visible ASCII characters other than `;`")]
    #[non_exhaustive]
    Path {
        /// The path.
        path: String,
    },
    /// The domain is not an ASCII host name.
    #[error(
        "the cookie domain {domain:?} must be a host name in ASCII, without scheme and port; omit it if the host is an address"
    )]
    #[non_exhaustive]
    Domain {
        /// The domain.
        domain: String,
    },
    /// The domain is a public suffix, which browsers reject.
    #[cfg(feature = "public-suffix")]
    #[error(
        "the cookie domain {domain:?} is a public suffix, for which browsers accept no cookies: use a domain below it"
    )]
    #[non_exhaustive]
    PublicSuffix {
        /// The domain.
        domain: String,
    },
}

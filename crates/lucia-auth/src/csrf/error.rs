/// An invalid option of [`Csrf`](super::Csrf).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCsrf {
    /// The site's host is malformed.
    #[error("the host {host:?} must be a host name or an address, with or without a port, and without scheme and path")]
    #[non_exhaustive]
    Host {
        /// The host.
        host: String,
    },
    /// The name of the header with the site's host is not a header name.
    #[error("{name:?} is not the name of a header")]
    #[non_exhaustive]
    HostHeader {
        /// The name.
        name: String,
    },
    /// A trusted origin is not an origin.
    #[error(
        "the trusted origin {origin:?} must be a scheme and a host without a path, as in \"https://example.com:8443\" or \"https://*.example.com\""
    )]
    #[non_exhaustive]
    TrustedOrigin {
        /// The origin.
        origin: String,
    },
    /// A pattern of trusted origins covers hosts that anybody can register.
    #[error(
        "the trusted origins \"{scheme}://*.{suffix}\" include hosts of anybody: name your own hosts below {suffix:?}, or use `Csrf::trust_origins_when`"
    )]
    #[non_exhaustive]
    PublicSuffix {
        /// The scheme.
        scheme: String,
        /// The domain below which anybody can register a host.
        suffix: String,
    },
    /// Without the feature `public-suffix` nothing tells whether a pattern covers hosts that anybody can register.
    #[error(
        "the trusted origins {pattern:?} need the feature `public-suffix`: list each origin, or use `Csrf::trust_origins_when`"
    )]
    #[non_exhaustive]
    UncheckedPattern {
        /// The pattern.
        pattern: String,
    },
    /// A subdomain is not the part of a host name that comes before the site's domain.
    #[error("the subdomain {name:?} must be the part of a host name before the domain, as in \"api\" or \"eu.api\"")]
    #[non_exhaustive]
    Subdomain {
        /// The subdomain.
        name: String,
    },
}

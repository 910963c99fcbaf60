use std::fmt;

use super::{InvalidCsrf, authority::Authority};

/// A parsed `Origin` header: scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) scheme: String,
    pub(super) authority: Authority,
}

impl Origin {
    /// Parses an origin as browsers serialise it. Rejects anything more, such as a path or a user name.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        if !is_scheme(scheme) {
            return None;
        }
        let scheme = scheme.to_ascii_lowercase();
        let authority = Authority::parse(authority)?.without_default_port(&scheme);
        Some(Self { scheme, authority })
    }

    pub(super) fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    pub(super) fn is_http(&self) -> bool {
        self.scheme == "http"
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority.host)?;
        self.authority.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// Checks the syntax of RFC 3986, section 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// A trusted origin, or a pattern for all hosts below a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TrustedOrigin {
    origin: Origin,
    /// Whether this is a pattern: the hosts below this one, without it.
    below: bool,
}

impl TrustedOrigin {
    pub(super) fn parse(text: &str) -> Result<Self, InvalidCsrf> {
        let malformed = || InvalidCsrf::TrustedOrigin { origin: text.to_owned() };
        let Some((scheme, domain)) = text.split_once("://*.") else {
            return Ok(Self { origin: Origin::parse(text).ok_or_else(malformed)?, below: false });
        };
        let origin = Origin::parse(&format!("{scheme}://{domain}")).ok_or_else(malformed)?;
        // There are no names below an address.
        let name = origin.authority.name().ok_or_else(malformed)?;
        #[cfg(not(feature = "public-suffix"))]
        return Err(InvalidCsrf::UncheckedPattern { pattern: format!("{}://*.{name}", origin.scheme) });
        #[cfg(feature = "public-suffix")]
        if origin.authority.registrable_domain().is_some() {
            Ok(Self { origin, below: true })
        } else {
            Err(InvalidCsrf::PublicSuffix { scheme: scheme.to_owned(), suffix: name.to_owned() })
        }
    }

    pub(super) fn matches(&self, origin: &Origin) -> bool {
        if self.below {
            self.origin.scheme == origin.scheme
                && self.origin.authority.port == origin.authority.port
                && is_below(&origin.authority, &self.origin.authority)
        } else {
            self.origin == *origin
        }
    }
}

fn is_below(host: &Authority, domain: &Authority) -> bool {
    let (Some(name), Some(domain)) = (host.name(), domain.name()) else {
        return false;
    };
    let below = name.strip_suffix(domain).and_then(|below| below.strip_suffix('.'));
    below.is_some_and(|below| !below.is_empty())
}

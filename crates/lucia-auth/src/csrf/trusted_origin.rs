use super::{InvalidCsrf, authority::Authority, origin::Origin};

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
        if origin.authority.registrable_domain().is_none() {
            return Err(InvalidCsrf::PublicSuffix { scheme: scheme.to_owned(), suffix: name.to_owned() });
        }
        Ok(Self { origin, below: true })
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

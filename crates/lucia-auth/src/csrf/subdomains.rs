use super::{InvalidCsrf, authority::Authority};

/// The other hosts of the site's domain that are trusted: Lucia's option `allowedSubdomains`.
///
/// The domain is the part of the site's host name that one owner registered, by the public suffix list: `example.com`
/// for `app.example.com`, `example.co.uk` for `app.example.co.uk`, and `me.github.io` itself. The port and the scheme
/// must be the site's.
///
/// ```
/// use lucia_auth::{AllowedSubdomains, Csrf};
///
/// let any = Csrf::new().allowed_subdomains(AllowedSubdomains::all());
/// let some = Csrf::new().allowed_subdomains(AllowedSubdomains::list(["app", "eu.api"]).and_domain());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct AllowedSubdomains {
    all: bool,
    domain: bool,
    names: Vec<String>,
}

impl AllowedSubdomains {
    /// Trusts every host below the domain, at any depth, but not the domain itself: Lucia's `"*"`.
    pub fn all() -> Self {
        Self { all: true, ..Self::default() }
    }

    /// Trusts the hosts with these names below the domain.
    pub fn list<T: Into<String>>(names: impl IntoIterator<Item = T>) -> Self {
        Self { names: names.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Also trusts the domain itself: the `null` in Lucia's list.
    pub fn and_domain(mut self) -> Self {
        self.domain = true;
        self
    }

    /// Normalises the names like parsed hosts.
    pub(super) fn normalize(mut self) -> Result<Self, InvalidCsrf> {
        for name in &mut self.names {
            *name = normalize(name).ok_or_else(|| InvalidCsrf::Subdomain { name: name.clone() })?;
        }
        Ok(self)
    }

    /// Returns `true` if a host on the site's port is trusted.
    pub(super) fn allow(&self, origin: &Authority, site: &Authority) -> bool {
        if !self.all && !self.domain && self.names.is_empty() {
            return false;
        }
        let (Some(name), Some(domain)) = (origin.name(), site.registrable_domain()) else {
            return false;
        };
        match name.strip_suffix(domain) {
            Some("") => self.domain,
            Some(below) => below.strip_suffix('.').is_some_and(|below| {
                // The host ".example.com" has an empty name below the domain.
                !below.is_empty() && (self.all || self.names.iter().any(|name| name == below))
            }),
            None => false,
        }
    }
}

/// Any domain serves to parse the name as a part of a host name.
fn normalize(name: &str) -> Option<String> {
    let authority = Authority::parse(&format!("{name}.example.com"))?;
    let below = authority.name()?.strip_suffix(".example.com")?;
    let is_complete = below.split('.').all(|label| !label.is_empty());
    (is_complete && authority.port.is_none()).then(|| below.to_owned())
}

use crate::host::Host;

/// A normalised host and port: lower case, international names in Punycode, addresses in their short form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authority {
    pub(super) host: Host,
    pub(super) port: Option<u16>,
}

impl Authority {
    /// Parses the value of a `Host` header, or the authority of a URI.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let host_end = text.rfind(']').map_or(0, |bracket| bracket + 1);
        let (host, port) = match text.get(host_end..)?.find(':') {
            Some(colon) => (&text[..host_end + colon], parse_port(&text[host_end + colon + 1..])?),
            None => (text, None),
        };
        let host = Host::parse(host).filter(is_conventional)?;
        Some(Self { host, port })
    }

    /// Removes the default port of this scheme.
    pub(super) fn without_default_port(mut self, scheme: &str) -> Self {
        self.port = self.port.filter(|&port| default_port(scheme) != Some(port));
        self
    }

    /// Returns `true` for loopback hosts, whose traffic does not leave the machine.
    pub(super) fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Domain(name) => is_localhost(name),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        }
    }

    /// Returns the part of the host name that one owner registered, by the public suffix list. `None` for addresses.
    #[cfg(feature = "public-suffix")]
    pub(super) fn registrable_domain(&self) -> Option<&str> {
        match &self.host {
            Host::Domain(name) if is_localhost(name) => Some(LOCALHOST),
            Host::Domain(name) => psl::domain_str(name),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        }
    }

    /// Returns the host name, or `None` for an address.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.host {
            Host::Domain(name) => Some(name),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        }
    }
}

/// Rejects patterns and lists, which the library accepts as host names, but which would match nothing.
fn is_conventional(host: &Host) -> bool {
    match host {
        Host::Domain(name) => {
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        }
        Host::Ipv4(_) | Host::Ipv6(_) => true,
    }
}

const LOCALHOST: &str = "localhost";

fn is_localhost(name: &str) -> bool {
    name.strip_suffix(LOCALHOST).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// An authority may end with a colon without a port.
fn parse_port(text: &str) -> Option<Option<u16>> {
    if text.is_empty() {
        return Some(None);
    }
    // `parse` would accept a sign.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok().map(Some))?
}

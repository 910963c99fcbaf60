use url::Host;

/// A host and a port, in one spelling: lower case, international names in Punycode, addresses in their short form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authority {
    pub(super) host: Host,
    pub(super) port: Option<u16>,
}

impl Authority {
    /// Reads what stands in a `Host` header, or between the scheme and the path of an address.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let host_end = text.rfind(']').map_or(0, |bracket| bracket + 1);
        let (host, port) = match text.get(host_end..)?.find(':') {
            Some(colon) => (&text[..host_end + colon], parse_port(&text[host_end + colon + 1..])?),
            None => (text, None),
        };
        let host = Host::parse(host).ok().filter(is_conventional)?;
        Some(Self { host, port })
    }

    /// The same without the port that an address of this scheme has anyway.
    pub(super) fn without_default_port(mut self, scheme: &str) -> Self {
        self.port = self.port.filter(|&port| default_port(scheme) != Some(port));
        self
    }

    /// Whether the host is this very machine, which nobody can listen in to.
    pub(super) fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Domain(name) => is_localhost(name),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        }
    }

    /// The part of the host name that belongs to one owner, by the public suffix list. Addresses have none.
    pub(super) fn registrable_domain(&self) -> Option<&str> {
        match &self.host {
            Host::Domain(name) if is_localhost(name) => Some(LOCALHOST),
            Host::Domain(name) => psl::domain_str(name),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        }
    }

    /// The host name, unless the host is an address.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.host {
            Host::Domain(name) => Some(name),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        }
    }
}

/// Patterns and lists are host names like any other to the library. Here they are mistakes, and would match nothing.
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

/// An address may end with a colon and no port.
fn parse_port(text: &str) -> Option<Option<u16>> {
    if text.is_empty() {
        return Some(None);
    }
    // The standard library would take a sign.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok().map(Some))?
}

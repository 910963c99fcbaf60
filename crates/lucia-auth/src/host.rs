use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

/// A host in one spelling: lower case, international names in Punycode, addresses in their short form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Domain(String),
    Ipv4(Ipv4Addr),
    Ipv6(Ipv6Addr),
}

#[cfg(feature = "idna")]
impl Host {
    /// Reads a host as browsers do.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match url::Host::parse(text).ok()? {
            url::Host::Domain(name) => Self::Domain(name),
            url::Host::Ipv4(address) => Self::Ipv4(address),
            url::Host::Ipv6(address) => Self::Ipv6(address),
        })
    }
}

#[cfg(not(feature = "idna"))]
impl Host {
    /// Reads a host as browsers write it: a name in ASCII, or an address in its usual form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(address) = text.strip_prefix('[') {
            return address.strip_suffix(']')?.parse().ok().map(Self::Ipv6);
        }
        let is_name = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
        let last = text.strip_suffix('.').unwrap_or(text).rsplit('.').next().filter(|last| !last.is_empty())?;
        if is_number(last) {
            // Other spellings of addresses are nobody's: browsers write the usual one.
            return text.parse().ok().map(Self::Ipv4);
        }
        is_name.then(|| Self::Domain(text.to_ascii_lowercase()))
    }
}

/// Whether browsers would take a name that ends with this label for an address.
#[cfg(not(feature = "idna"))]
fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    hex.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        || label.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(name) => f.write_str(name),
            Self::Ipv4(address) => address.fmt(f),
            Self::Ipv6(address) => write!(f, "[{address}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_one_spelling() {
        for (text, host) in [
            ("example.com", "example.com"),
            ("Example.COM", "example.com"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("a_b.example", "a_b.example"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("[0:0:0:0:0:0:0:1]", "[::1]"),
            ("[2001:DB8::1]", "[2001:db8::1]"),
        ] {
            assert_eq!(Host::parse(text).map(|host| host.to_string()).as_deref(), Some(host));
        }
        assert!(
            matches!(Host::parse("1.2.3.4"), Some(Host::Ipv4(_)))
                && matches!(Host::parse("a.1b"), Some(Host::Domain(_)))
        );
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in ["", "[::1", "[]", "[1.2.3.4]", "a b", "a/b", "a@b", "a:1", "1.2.3.256", "1.2.3.4.5"] {
            assert_eq!(Host::parse(text), None, "{text}");
        }
    }

    #[cfg(feature = "idna")]
    #[test]
    fn international_names_are_written_in_punycode() {
        assert_eq!(Host::parse("Bücher.example"), Host::parse("xn--bcher-kva.example"));
        assert_eq!(Host::parse("0x7f.1"), Some(Host::Ipv4(Ipv4Addr::LOCALHOST)));
    }

    #[cfg(not(feature = "idna"))]
    #[test]
    fn what_browsers_would_write_otherwise_is_refused() {
        for text in [".", "Bücher.example", "0x7f.1", "127.1", "ex%61mple.com"] {
            assert_eq!(Host::parse(text), None, "{text}");
        }
    }
}

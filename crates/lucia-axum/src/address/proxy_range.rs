use std::{net::IpAddr, str::FromStr};

/// The addresses of proxies: those that begin with the same bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProxyRange {
    address: IpAddr,
    prefix_len: u8,
}

/// A text that is neither an address nor a network, in
/// [`AuthLayer::trusted_proxies`](crate::AuthLayer::trusted_proxies).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is neither an address nor a network of proxies, such as `::1` or `10.0.0.0/8`")]
#[non_exhaustive]
pub struct InvalidProxy {
    /// The text.
    pub text: String,
}

impl ProxyRange {
    /// Returns `true` if this is the address of one of the proxies, which must be canonical.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differing = u32::from(own) ^ u32::from(other);
                differing.leading_zeros() >= self.prefix_len.into()
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differing = u128::from(own) ^ u128::from(other);
                differing.leading_zeros() >= self.prefix_len.into()
            }
            _ => false,
        }
    }
}

impl FromStr for ProxyRange {
    type Err = InvalidProxy;

    /// Parses `10.0.0.0/8`, or an address, which is a range of one.
    fn from_str(text: &str) -> Result<Self, InvalidProxy> {
        parse(text.trim()).ok_or_else(|| InvalidProxy { text: text.to_owned() })
    }
}

fn parse(text: &str) -> Option<ProxyRange> {
    let (address, prefix_len) = match text.split_once('/') {
        Some((address, prefix_len)) => (address, Some(parse_prefix_len(prefix_len)?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let prefix_len = prefix_len.unwrap_or(bits(address));
    if prefix_len > bits(address) {
        return None;
    }
    // `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
    let canonical = address.to_canonical();
    let mapped_bits = bits(address) - bits(canonical);
    Some(ProxyRange { address: canonical, prefix_len: prefix_len.checked_sub(mapped_bits)? })
}

/// The standard library accepts a sign.
fn parse_prefix_len(text: &str) -> Option<u8> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text)?.parse().ok()
}

const fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_the_addresses_with_its_prefix() {
        for (range, inside, outside) in [
            ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255"], ["11.0.0.0", "::10.0.0.0"]),
            ("10.1.2.3/8", ["10.0.0.0", "10.255.255.255"], ["9.255.255.255", "11.0.0.0"]),
            ("192.0.2.1", ["192.0.2.1"; 2], ["192.0.2.0", "192.0.2.2"]),
            ("192.0.2.0/31", ["192.0.2.0", "192.0.2.1"], ["192.0.2.2", "192.0.1.255"]),
            ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::", "::1"]),
            ("::/0", ["::", "2001:db8::1"], ["0.0.0.0", "127.0.0.1"]),
            ("::1", ["::1"; 2], ["::", "127.0.0.1"]),
            ("2001:db8::/33", ["2001:db8::", "2001:db8:7fff::"], ["2001:db8:8000::", "2001:db7::"]),
            ("::ffff:10.0.0.0/104", ["10.0.0.0", "10.255.255.255"], ["11.0.0.0", "::1"]),
            (" ::ffff:10.0.0.1 ", ["10.0.0.1"; 2], ["10.0.0.2", "10.0.0.0"]),
        ] {
            let parsed: ProxyRange = range.parse().unwrap();
            for (addresses, expected) in [(inside, true), (outside, false)] {
                for address in addresses {
                    assert_eq!(parsed.contains(address.parse().unwrap()), expected, "{range} {address}");
                }
            }
        }
    }

    #[test]
    fn a_malformed_range_is_named() {
        for text in [
            "",
            "/",
            "10.0.0.0/",
            "/8",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0.0/-1",
            "10.0.0.0/8/8",
            "10.0.0.0/255.0.0.0",
            "10.0.0.0/999",
            "10.0.0",
            "::/129",
            "::ffff:10.0.0.0/8",
            "[::1]",
            "10.0.0.1:80",
            "localhost",
            "*",
        ] {
            let error = text.parse::<ProxyRange>().unwrap_err();
            assert!(error.to_string().starts_with(&format!("`{text}` is neither")), "{error}");
        }
    }
}

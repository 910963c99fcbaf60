use std::{iter, net::IpAddr};

use http::{HeaderMap, HeaderName, header};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The header to which the trusted proxies append the address of their client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ForwardingHeader {
    #[default]
    XForwardedFor,
    /// The header of RFC 7239.
    Forwarded,
}

impl ForwardingHeader {
    /// Returns the last address that is not a proxy's. Clients choose what is before it.
    ///
    /// `None` if there is none, or if a trusted proxy wrote something else, such as `unknown`.
    pub(crate) fn last_address(self, headers: &HeaderMap, is_proxy: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
        let name = match self {
            Self::XForwardedFor => X_FORWARDED_FOR,
            Self::Forwarded => header::FORWARDED,
        };
        for value in headers.get_all(name).iter().rev() {
            // What a client wrote may not be UTF-8.
            let value = String::from_utf8_lossy(value.as_bytes());
            for element in split_from_end(&value, b',').map(str::trim).filter(|element| !element.is_empty()) {
                let address = self.parse(element)?;
                if !is_proxy(address) {
                    return Some(address);
                }
            }
        }
        None
    }

    fn parse(self, element: &str) -> Option<IpAddr> {
        match self {
            Self::XForwardedFor => parse_address(element),
            Self::Forwarded => parse_address(only_for(element)?),
        }
    }
}

/// Returns the value of the parameter `for`, if there is one.
fn only_for(element: &str) -> Option<&str> {
    let mut values = split_from_end(element, b';').filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| value.trim())
    });
    let (value, other) = (values.next()?, values.next());
    let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    other.is_none().then_some(unquoted.unwrap_or(value))
}

/// Parses an address with or without a port: `192.0.2.1:80`, `[::1]:80`, `[::1]`, `::1`.
fn parse_address(text: &str) -> Option<IpAddr> {
    let bracketed = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let address = match bracketed {
        Some(address) => IpAddr::V6(address.parse().ok()?),
        None => text.parse().or_else(|_| text.parse().map(|socket: std::net::SocketAddr| socket.ip())).ok()?,
    };
    Some(address.to_canonical())
}

/// Splits at a delimiter outside of quoted strings, from the end: a quote that a client left open does not reach what
/// a proxy appended.
fn split_from_end(text: &str, delimiter: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    iter::from_fn(move || {
        let text = rest.take()?;
        let Some(index) = last_unquoted(text.as_bytes(), delimiter) else { return Some(text) };
        rest = Some(&text[..index]);
        Some(&text[index + 1..])
    })
}

fn last_unquoted(text: &[u8], delimiter: u8) -> Option<usize> {
    let mut quoted = false;
    for (index, byte) in text.iter().enumerate().rev() {
        match byte {
            b'"' if !(quoted && is_escaped(&text[..index])) => quoted = !quoted,
            byte if !quoted && *byte == delimiter => return Some(index),
            _ => {}
        }
    }
    None
}

/// Returns `true` if a character after this text is escaped.
fn is_escaped(before: &[u8]) -> bool {
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::{ForwardingHeader::*, *};

    fn last(header: ForwardingHeader, lines: &[&[u8]]) -> Option<String> {
        let name = if header == Forwarded { header::FORWARDED } else { X_FORWARDED_FOR };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(&name, HeaderValue::from_bytes(line).unwrap());
        }
        let is_proxy = |address: IpAddr| address.to_string().starts_with("10.");
        header.last_address(&headers, is_proxy).map(|address| address.to_string())
    }

    #[test]
    fn the_last_address_that_is_not_a_proxys_counts() {
        for (lines, expected) in [
            (&["192.0.2.1"][..], Some("192.0.2.1")),
            (&["192.0.2.1, 10.0.0.1"], Some("192.0.2.1")),
            (&["6.6.6.6, 192.0.2.1, 10.0.0.1,10.0.0.2"], Some("192.0.2.1")),
            (&["6.6.6.6", "192.0.2.1", "10.0.0.1"], Some("192.0.2.1")),
            (&["6.6.6.6, 192.0.2.1", "10.0.0.1, 10.0.0.2"], Some("192.0.2.1")),
            (&["192.0.2.1", "6.6.6.6"], Some("6.6.6.6")),
            (&["garbage, \", 192.0.2.1"], Some("192.0.2.1")),
            (&["192.0.2.1:4711"], Some("192.0.2.1")),
            (&["2001:db8::1"], Some("2001:db8::1")),
            (&["[2001:db8::1]"], Some("2001:db8::1")),
            (&["[2001:db8::1]:443"], Some("2001:db8::1")),
            (&["::ffff:192.0.2.1"], Some("192.0.2.1")),
            (&["192.0.2.1, ::ffff:10.0.0.1"], Some("192.0.2.1")),
            (&["  192.0.2.1\t, , "], Some("192.0.2.1")),
            (&["10.0.0.1, 10.0.0.2"], None),
            (&[], None),
            (&[""], None),
            (&["192.0.2.1, unknown"], None),
            (&["6.6.6.6, , 192.0.2.1 10.0.0.1"], None),
            (&["192.0.2.256"], None),
            (&["192.0.2.1:99999"], None),
            (&["[192.0.2.1]"], None),
            (&["fe80::1%eth0"], None),
            (&["\"192.0.2.1\""], None),
        ] {
            let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
            assert_eq!(last(XForwardedFor, &lines).as_deref(), expected, "{lines:?}");
        }
        assert_eq!(last(XForwardedFor, &[b"\xff, 192.0.2.1"]).as_deref(), Some("192.0.2.1"));
    }

    #[test]
    fn the_header_of_rfc_7239_is_parsed() {
        for (line, expected) in [
            ("for=192.0.2.1", Some("192.0.2.1")),
            ("For=192.0.2.60;proto=http;by=203.0.113.43", Some("192.0.2.60")),
            ("proto=https ; FOR=\"192.0.2.1:4711\"", Some("192.0.2.1")),
            ("for=\"[2001:db8:cafe::17]:4711\"", Some("2001:db8:cafe::17")),
            ("for=6.6.6.6, for=192.0.2.1, for=10.0.0.1;by=10.0.0.2", Some("192.0.2.1")),
            // A quote that the client left open, and one that it closed after its own elements.
            ("for=\", for=192.0.2.1", Some("192.0.2.1")),
            ("for=\"x, for=6.6.6.6, for=192.0.2.1", Some("192.0.2.1")),
            // A client's host, which the proxy quoted.
            ("for=192.0.2.1;host=\"a,for=6.6.6.6;b=\"", Some("192.0.2.1")),
            (r#"for=192.0.2.1;host="a\",for=6.6.6.6;b=\"""#, Some("192.0.2.1")),
            (r#"for=192.0.2.1;host="a\\""#, Some("192.0.2.1")),
            ("for=192.0.2.1, for=unknown", None),
            ("for=192.0.2.1, for=_hidden", None),
            ("for=192.0.2.1;for=6.6.6.6", None),
            ("for=192.0.2.1, proto=https", None),
            ("192.0.2.1", None),
            ("for=", None),
            ("for=\"", None),
            ("for=\"192.0.2.1", None),
        ] {
            assert_eq!(last(Forwarded, &[line.as_bytes()]).as_deref(), expected, "{line}");
        }
    }

    proptest! {
        #[test]
        fn a_client_does_not_choose_its_address(sent in prop::collection::vec(any::<u8>(), 0..60), quoted in "[ -~]{0,30}") {
            let sent: Vec<_> = sent.into_iter().filter(|byte| *byte == b'\t' || (*byte >= 32 && *byte != 127)).collect();
            let escaped = quoted.replace('\\', "\\\\").replace('"', "\\\"");
            for (header, appended) in [
                (XForwardedFor, "192.0.2.1, 10.0.0.1".to_owned()),
                (Forwarded, "for=192.0.2.1, for=10.0.0.1".to_owned()),
                (Forwarded, format!("for=192.0.2.1;host=\"{escaped}\", for=10.0.0.1")),
            ] {
                let one_line = [&sent, &b", "[..], appended.as_bytes()].concat();
                for lines in [&[&one_line[..]][..], &[&sent, appended.as_bytes()]] {
                    prop_assert_eq!(last(header, lines), Some("192.0.2.1".to_owned()));
                }
            }
        }
    }
}

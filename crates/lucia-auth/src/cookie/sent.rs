use lucia_core::SessionToken;
use percent_encoding::percent_decode;

use super::is_cookie_safe;

/// A browser has several cookies with one name if the path or the domain changed; more than this are an attack.
const MAX_CANDIDATES: usize = 4;

/// The values that a client sent under the session cookie's name.
#[derive(Debug, Default)]
pub(crate) struct SentCookies {
    /// The distinct session tokens, in the order of the headers.
    pub(crate) tokens: Vec<SessionToken>,
    /// The number of cookies with the name, including malformed ones.
    pub(crate) count: usize,
}

impl SentCookies {
    /// Creates this from the value of a cookie that a framework parsed.
    pub(crate) fn of_value(value: &str) -> Self {
        let tokens = is_cookie_safe(value).then(|| SessionToken::new(value)).into_iter().collect();
        Self { tokens, count: 1 }
    }

    /// Parses the `Cookie` headers of a request: one in HTTP/1, any number in HTTP/2 (RFC 9113, section 8.2.3).
    pub(crate) fn read<'a>(name: &str, is_only: bool, headers: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut sent = Self::default();
        for value in values_of(name, headers) {
            sent.count += 1;
            let value = percent_decode(value).decode_utf8();
            let Ok(token) = value.map(SessionToken::new) else { continue };
            let is_new = is_cookie_safe(token.as_str()) && !sent.tokens.contains(&token);
            if is_new && sent.tokens.len() < MAX_CANDIDATES {
                sent.tokens.push(token);
            }
        }
        // A browser can have only one such cookie, so another one was injected from a subdomain.
        if is_only && sent.count > 1 {
            sent.tokens.clear();
        }
        sent
    }
}

/// Returns the values of all cookies with this name, as they were sent.
pub(crate) fn values_of<'a>(name: &str, headers: impl Iterator<Item = &'a [u8]>) -> impl Iterator<Item = &'a [u8]> {
    let cookies = headers.flat_map(|header| header.split(|&byte| byte == b';'));
    cookies.filter_map(move |cookie| value_of(cookie, name.as_bytes()))
}

/// Returns the value of a cookie if it has exactly this name.
///
/// Strips only the white space that browsers strip (RFC 6265, section 5.2): a name that starts with other white space
/// is a different cookie, to which the rules of `__Host-` do not apply.
fn value_of<'a>(cookie: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let equals = cookie.iter().position(|&byte| byte == b'=')?;
    let (found, value) = (trim(&cookie[..equals]), trim(&cookie[equals + 1..]));
    let unquoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
    (found == name).then_some(unquoted.unwrap_or(value))
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

use lucia_core::SessionId;
use percent_encoding::percent_decode;

use super::is_session_id;

/// A browser holds several cookies of one name where the path or the domain changed; more than these are an attack.
const MAX_CANDIDATES: usize = 4;

/// What a client sent under the session cookie's name.
#[derive(Debug, Default)]
pub(crate) struct SentCookies {
    /// The session ids, in the order of the headers, each once.
    pub(crate) session_ids: Vec<SessionId>,
    /// How many cookies of the name there were, malformed ones included.
    pub(crate) count: usize,
}

impl SentCookies {
    /// Takes the value of the one cookie that a framework has parsed.
    pub(crate) fn of_value(value: &str) -> Self {
        let session_ids = is_session_id(value).then(|| SessionId::new(value)).into_iter().collect();
        Self { session_ids, count: 1 }
    }

    /// Reads the `Cookie` headers of a request: one in HTTP/1, any number in HTTP/2 (RFC 9113, section 8.2.3).
    pub(crate) fn read<'a>(name: &str, is_only: bool, headers: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut sent = Self::default();
        for cookie in headers.flat_map(|header| header.split(|&byte| byte == b';')) {
            let Some(value) = value_of(cookie, name.as_bytes()) else { continue };
            sent.count += 1;
            let value = percent_decode(value).decode_utf8();
            let Ok(id) = value.map(SessionId::new) else { continue };
            let is_new = is_session_id(id.as_str()) && !sent.session_ids.contains(&id);
            if is_new && sent.session_ids.len() < MAX_CANDIDATES {
                sent.session_ids.push(id);
            }
        }
        // Where a browser can hold only one, the other one was smuggled in from a subdomain.
        if is_only && sent.count > 1 {
            sent.session_ids.clear();
        }
        sent
    }
}

/// The value of a cookie, if it has this very name.
///
/// Only what browsers strip is stripped (RFC 6265, section 5.2): they store a cookie whose name begins with other white space
/// as another cookie, for which the rules of `__Host-` do not hold.
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

use lucia_core::SessionToken;

/// Lucia never generates longer tokens, and some stores truncate or reject them.
const MAX_LEN: usize = 255;

/// Returns `true` if a client may present this as a session token: 1 to 255 characters that a cookie can carry unescaped.
///
/// These are RFC 6265's `cookie-octet` without `%`, because Lucia decodes cookies: decoding does not change a
/// token without it. All ids that Lucia generated are accepted, as are UUIDs and all variants of base64.
pub(crate) fn is_cookie_safe(text: &str) -> bool {
    (1..=MAX_LEN).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'%' | b',' | b';' | b'\\'))
}

const SCHEME: &str = "Bearer";

/// Returns the token in an `Authorization` header, as in RFC 9110: a case-insensitive scheme, spaces, one token.
pub(crate) fn read_bearer_token(header: Option<&str>) -> Option<SessionToken> {
    // White space around a field's value is not part of it.
    let (scheme, token) = header?.trim_matches([' ', '\t']).split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case(SCHEME) && is_token68(token) && is_cookie_safe(token))
        .then(|| SessionToken::new(token))
}

/// Checks the syntax of RFC 9110, section 11.2.
fn is_token68(token: &str) -> bool {
    let characters = token.trim_end_matches('=');
    !characters.is_empty()
        && characters
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/'))
}

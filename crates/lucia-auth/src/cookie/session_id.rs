use lucia_core::SessionId;

/// Longer ids than that are nobody's, and some stores cut or refuse them.
const MAX_LEN: usize = 255;

/// Whether a client may present this as a session id (bug C26): 1 to 255 characters that a cookie can carry as they are.
///
/// That is RFC 6265's `cookie-octet` but for `%`, because Lucia decodes cookies: without it an id is the same before and
/// after. Every id that Lucia made passes, and so do UUIDs and all variants of base64.
pub(crate) fn is_session_id(text: &str) -> bool {
    (1..=MAX_LEN).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'%' | b',' | b';' | b'\\'))
}

const SCHEME: &str = "Bearer";

/// The session id in an `Authorization` header, as RFC 9110 has it: the scheme in any case, spaces, one token (bug C22).
pub(crate) fn read_bearer_token(header: Option<&str>) -> Option<SessionId> {
    // White space around a field's value is no part of it.
    let (scheme, token) = header?.trim_matches([' ', '\t']).split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case(SCHEME) && is_token68(token) && is_session_id(token)).then(|| SessionId::new(token))
}

/// RFC 9110, section 11.2.
fn is_token68(token: &str) -> bool {
    let characters = token.trim_end_matches('=');
    !characters.is_empty()
        && characters
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/'))
}

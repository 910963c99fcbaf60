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

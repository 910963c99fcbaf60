/// Returns two lower-case hexadecimal digits for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let half_bytes = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    half_bytes.map(|half| char::from(b"0123456789abcdef"[usize::from(half)])).collect()
}

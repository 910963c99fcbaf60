//! The limits of Workers KV.

use std::time::Duration;

use crate::error::CloudflareKvError;

/// The maximum length of a key, in bytes.
pub(crate) const MAX_KEY: usize = 512;
/// The maximum length of a value, in bytes.
const MAX_VALUE: usize = 25 * 1024 * 1024;
/// The maximum number of keys per bulk read.
pub(crate) const MAX_BULK: usize = 100;
/// The minimum time to live of a key.
pub(crate) const MIN_TTL: Duration = Duration::from_secs(60);

/// Returns `true` if the key is short enough to exist.
pub(crate) const fn accepts_key(key: &str) -> bool {
    key.len() <= MAX_KEY
}

/// Rejects keys and values that Workers KV would reject, with a typed error.
pub(crate) const fn check(key: &str, value: &[u8]) -> Result<(), CloudflareKvError> {
    if !accepts_key(key) {
        return Err(CloudflareKvError::KeyTooLong { bytes: key.len() });
    }
    if value.len() > MAX_VALUE {
        return Err(CloudflareKvError::ValueTooLong { bytes: value.len() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k7_long_keys_and_values_are_rejected() {
        assert!(check(&"k".repeat(512), b"").is_ok());
        let rejected = check(&"é".repeat(257), b"");
        assert!(matches!(rejected, Err(CloudflareKvError::KeyTooLong { bytes: 514 })), "{rejected:?}");
        let rejected = check("k", &vec![0; MAX_VALUE + 1]);
        assert!(matches!(rejected, Err(CloudflareKvError::ValueTooLong { .. })), "{rejected:?}");
    }
}

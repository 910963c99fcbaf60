//! The limits of Workers KV.

use std::time::Duration;

use super::error::CloudflareKvError;

/// The longest key, in bytes.
pub(super) const MAX_KEY: usize = 512;
/// The longest value, in bytes.
const MAX_VALUE: usize = 25 * 1024 * 1024;
/// How many keys one bulk read takes.
pub(super) const MAX_BULK: usize = 100;
/// KV rejects a shorter time to live.
pub(super) const MIN_TTL: Duration = Duration::from_secs(60);
/// Whether there can be a value under a key.
pub(super) const fn holds_key(key: &str) -> bool {
    key.len() <= MAX_KEY
}

/// Rejects what KV would reject, with a typed error.
pub(super) const fn check(key: &str, value: &[u8]) -> Result<(), CloudflareKvError> {
    if !holds_key(key) {
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
    fn k7_long_keys_and_values_are_refused() {
        assert!(check(&"k".repeat(512), b"").is_ok());
        let refused = check(&"é".repeat(257), b"");
        assert!(matches!(refused, Err(CloudflareKvError::KeyTooLong { bytes: 514 })), "{refused:?}");
        let refused = check("k", &vec![0; MAX_VALUE + 1]);
        assert!(matches!(refused, Err(CloudflareKvError::ValueTooLong { .. })), "{refused:?}");
    }
}

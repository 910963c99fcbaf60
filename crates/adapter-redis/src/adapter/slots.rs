//! The hash slots of a cluster, which distribute keys to servers.

use std::ops::RangeInclusive;

const SLOTS: u16 = 16_384;

/// Returns the slots that keys with this prefix may be in: only one if the prefix contains a hash tag.
pub(super) fn slots(prefix: &str) -> RangeInclusive<u16> {
    match tag(prefix) {
        Some(tag) => {
            let slot = checksum(0, tag.as_bytes()) % SLOTS;
            slot..=slot
        }
        None => 0..=SLOTS - 1,
    }
}

/// Returns a number that, appended to the prefix, is a key in this slot, which is one of those of the prefix.
pub(super) fn number_in(slot: u16, prefix: &str) -> String {
    if tag(prefix).is_some() {
        return String::new();
    }
    let start = checksum(0, prefix.as_bytes());
    let mut numbers = (0_u32..).map(|number| number.to_string());
    // About one of 16,384 numbers is in the slot.
    numbers.find(|number| checksum(start, number.as_bytes()) % SLOTS == slot).unwrap_or_default()
}

/// Returns the part of a key that determines its slot instead of the whole key.
fn tag(prefix: &str) -> Option<&str> {
    let (_, rest) = prefix.split_once('{')?;
    rest.split_once('}').map(|(tag, _)| tag).filter(|tag| !tag.is_empty())
}

/// Continues a CRC-16 (XMODEM).
fn checksum(start: u16, bytes: &[u8]) -> u16 {
    bytes.iter().fold(start, |sum, byte| {
        (0..8).fold(
            sum ^ (u16::from(*byte) << 8),
            |sum, _| if sum & 0x8000 == 0 { sum << 1 } else { (sum << 1) ^ 0x1021 },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_redis() {
        assert_eq!(checksum(0, b"123456789"), 0x31c3);
        // CLUSTER KEYSLOT of Redis.
        assert_eq!(checksum(0, b"session:1") % SLOTS, 9_436);
        assert_eq!(slots("{user1000}.session:"), 3_443..=3_443);
        for prefix in ["session:", "", "{}session:", "a}{b:", "{"] {
            assert_eq!(slots(prefix), 0..=16_383, "{prefix}");
        }
    }

    #[test]
    fn every_slot_has_a_number() {
        for prefix in ["session:", "", "app:{}s:"] {
            for slot in (0..SLOTS).step_by(97) {
                let key = format!("{prefix}{}", number_in(slot, prefix));
                assert_eq!(checksum(0, key.as_bytes()) % SLOTS, slot, "{key}");
            }
        }
    }
}

//! The mark of a revocation of all sessions of a user, for sessions that a listing may miss because they are being
//! rotated.
//!
//! Each revocation writes a mark with a unique epoch before it lists. A creation reads the mark before it writes, and
//! stores its epoch in the index entry. A rotation compares the two: a session older than the mark is revoked instead
//! of rotated. No session therefore changes its id during the listing, so each is listed.
//!
//! Epochs are compared only for equality, so clocks do not matter.

use serde::{Deserialize, Serialize};

use super::{content, lifetime, nonce::nonce};
use crate::{SessionId, UnixMillis};

#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(super) struct Mark {
    /// The time from which the store may drop the mark.
    pub(super) expires: UnixMillis,
    /// Unique to this revocation.
    pub(super) epoch: String,
    /// The session that the revocation keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keep: Option<SessionId>,
}

impl Mark {
    pub(super) fn new(now: UnixMillis, keep: Keep<'_>) -> Self {
        let keep = match keep {
            Keep::One(id) => Some(id.clone()),
            Keep::All | Keep::None => None,
        };
        Self { expires: lifetime::of_mark(now), epoch: nonce(now), keep }
    }

    /// Parses a mark. `None` for other values.
    pub(super) fn from_value(value: &[u8]) -> Option<Self> {
        serde_json::from_slice(value).ok()
    }

    pub(super) fn to_value(&self) -> Vec<u8> {
        #[expect(clippy::expect_used, reason = "every part is a string or an integer already")]
        serde_json::to_vec(self).expect("a mark is always representable in JSON")
    }

    /// Returns `true` if the mark has expired, because not every store drops it. No affected rotation takes that long.
    pub(super) fn is_expired(&self, now: UnixMillis) -> bool {
        self.expires <= now
    }

    /// Returns `true` if this mark revokes a session whose index entry has this epoch.
    pub(super) fn revokes(&self, id: &SessionId, epoch: Option<&str>) -> bool {
        !self.keep.as_ref().is_some_and(|kept| is_same(kept, id)) && epoch != Some(&self.epoch)
    }

    /// Returns `true` if this mark revokes every session that `other` revokes.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.keep.is_none() || self.keep == other.keep
    }
}

/// The sessions of a user that a revocation keeps.
#[derive(Clone, Copy, Debug)]
pub(super) enum Keep<'a> {
    All,
    One(&'a SessionId),
    None,
}

impl Keep<'_> {
    pub(super) fn keeps(self, id: &SessionId) -> bool {
        match self {
            Self::All => true,
            Self::One(kept) => is_same(kept, id),
            Self::None => false,
        }
    }

    /// Returns `true` if the value of a session shows that it was kept under its old id.
    pub(super) fn keeps_rotated(self, value: &[u8]) -> bool {
        matches!(self, Self::One(kept) if content::old_digest(value) == Some(kept.digest().as_bytes()))
    }
}

/// Returns `true` if two ids are those of one session, which may be moving from one to the other.
fn is_same(one: &SessionId, other: &SessionId) -> bool {
    one == other || one.is_hash_of(other) || other.is_hash_of(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);

    #[test]
    fn a_mark_revokes_older_sessions_and_keeps_one() {
        let id = SessionId::new("s1");
        let (all, others) = (Mark::new(NOW, Keep::None), Mark::new(NOW, Keep::One(&id)));
        assert!(all.revokes(&id, None) && all.revokes(&id, Some("older")) && !all.revokes(&id, Some(&all.epoch)));
        assert!(!others.revokes(&id, None) && others.revokes(&"s2".into(), None));
        assert!(all.covers(&others) && others.covers(&others.clone()) && !others.covers(&all));
        assert_eq!(Mark::from_value(&others.to_value()), Some(others));
        assert_eq!(Mark::from_value(b"1"), None);
    }
}

//! What a revocation of all sessions of a user leaves for those that no listing shows: a session on its way to another id.
//!
//! Each revocation writes a mark with an epoch of its own before it lists. A creation reads the mark before it writes, and the
//! index entry of the session keeps the epoch that was found. A rotation compares the two: a session that is older than the
//! mark is revoked, and gets no new id. So none moves while the revocation lists, and what does not move is listed.
//!
//! Epochs are compared for equality and hold no order, so that no clock matters.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use serde::{Deserialize, Serialize};

use super::{index::Keep, lifetime};
use crate::{SessionId, UnixMillis};

#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(super) struct Mark {
    /// When the store may drop it.
    pub(super) expires: UnixMillis,
    /// Of this revocation, and of no other of the user.
    pub(super) epoch: String,
    /// The session that the revocation spares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keep: Option<SessionId>,
}

impl Mark {
    pub(super) fn new(now: UnixMillis, keep: Keep<'_>) -> Self {
        // The standard library seeds every `RandomState` differently; the time tells processes apart where it has no seed.
        let random = RandomState::new().build_hasher().finish();
        let keep = match keep {
            Keep::One(id) => Some(id.clone()),
            Keep::All | Keep::None => None,
        };
        Self { expires: lifetime::of_mark(now), epoch: format!("{:x}-{random:016x}", now.get()), keep }
    }

    /// Reads the mark; `None` if the value is another one.
    pub(super) fn from_value(value: &[u8]) -> Option<Self> {
        serde_json::from_slice(value).ok()
    }

    pub(super) fn to_value(&self) -> Vec<u8> {
        #[expect(clippy::expect_used, reason = "every part is a string or an integer already")]
        serde_json::to_vec(self).expect("a mark is always representable in JSON")
    }

    /// Whether its time has passed: not every store drops it. No rotation that it is meant for takes as long, by any
    /// clock.
    pub(super) fn is_over(&self, now: UnixMillis) -> bool {
        self.expires <= now
    }

    /// Whether the revocation is of a session whose index entry has this epoch.
    pub(super) fn revokes(&self, id: &SessionId, epoch: Option<&str>) -> bool {
        self.keep.as_ref() != Some(id) && epoch != Some(&self.epoch)
    }

    /// Whether this mark revokes whatever `other` revokes.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.keep.is_none() || self.keep == other.keep
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const NOW: UnixMillis = UnixMillis::new(1_800_000_000_000);

    #[test]
    fn no_two_revocations_share_an_epoch() {
        let epochs: BTreeSet<_> = (0..1_000).map(|_| Mark::new(NOW, Keep::None).epoch).collect();
        assert_eq!(epochs.len(), 1_000, "all within one millisecond");
    }

    #[test]
    fn a_mark_revokes_what_is_older_and_spares_one() {
        let id = SessionId::new("s1");
        let (all, others) = (Mark::new(NOW, Keep::None), Mark::new(NOW, Keep::One(&id)));
        assert!(all.revokes(&id, None) && all.revokes(&id, Some("older")) && !all.revokes(&id, Some(&all.epoch)));
        assert!(!others.revokes(&id, None) && others.revokes(&"s2".into(), None));
        assert!(all.covers(&others) && others.covers(&others.clone()) && !others.covers(&all));
        assert_eq!(Mark::from_value(&others.to_value()), Some(others));
        assert_eq!(Mark::from_value(b"1"), None);
    }
}

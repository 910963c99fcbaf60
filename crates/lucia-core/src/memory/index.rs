use std::collections::{BTreeMap, BTreeSet};

use crate::UserId;

/// Removes an id from an index of each user's rows.
pub(super) fn unlink<I: Ord>(index: &mut BTreeMap<UserId, BTreeSet<I>>, user_id: &UserId, id: &I) {
    if let Some(ids) = index.get_mut(user_id) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(user_id);
        }
    }
}

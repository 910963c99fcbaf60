use std::collections::HashMap;

/// The members of an index as stored, which may be any bytes.
pub(super) type Ids = Vec<Vec<u8>>;

/// The first byte of an announcement. UTF-8 never contains it, so no session id does.
const MARK: u8 = 0xff;

/// The sessions in an index.
///
/// On a cluster, an announcement is added to the index before the session is written, and replaced by an entry
/// afterwards. An entry whose session does not exist can be removed. An announcement cannot, because a session that is
/// about to be written would be unlisted. The announcement of a client that failed in between is removed after ten
/// minutes.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// The distinct ids, announced or not.
    pub(super) ids: Ids,
    announcements: HashMap<Vec<u8>, Ids>,
}

impl Entries {
    /// Returns the announcements of a session.
    pub(super) fn announcements(&self, id: &[u8]) -> &[Vec<u8>] {
        self.announcements.get(id).map_or(&[], Vec::as_slice)
    }
}

impl From<Ids> for Entries {
    fn from(members: Ids) -> Self {
        let mut announcements: HashMap<_, Ids> = HashMap::new();
        let mut ids = Ids::with_capacity(members.len());
        for member in members {
            match announced(&member) {
                Some(id) => announcements.entry(id.to_vec()).or_default().push(member),
                None => ids.push(member),
            }
        }
        for id in announcements.keys() {
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        Self { ids, announcements }
    }
}

/// Returns the id of an announcement. It consists of the mark, `+` if the index had no entry of this id, the time, a
/// colon, and the id.
fn announced(member: &[u8]) -> Option<&[u8]> {
    let rest = member.strip_prefix(&[MARK])?;
    let colon = rest.iter().position(|byte| *byte == b':')?;
    Some(&rest[colon + 1..])
}

/// Returns `true` if a member of an index may be an announcement, which no id is.
pub(super) fn is_announcement(member: &[u8]) -> bool {
    member.first() == Some(&MARK)
}

/// Returns `true` if the index had no entry of the announced id.
pub(super) fn announces_new(announcement: &[u8]) -> bool {
    announcement.get(1) == Some(&b'+')
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_id_is_returned_once(members: HashSet<Vec<u8>>) {
            let entries = Entries::from(members.into_iter().collect::<Ids>());
            let distinct: HashSet<_> = entries.ids.iter().collect();
            prop_assert_eq!(distinct.len(), entries.ids.len());
        }

        #[test]
        fn an_announcement_contains_the_id_of_its_session(id in ".*", is_new: bool, micros: u64) {
            let mut announcement = vec![MARK, if is_new { b'+' } else { b'=' }];
            announcement.extend(format!("{micros}:{id}").into_bytes());
            let entries = Entries::from(vec![announcement.clone()]);
            prop_assert_eq!(&entries.ids, &[id.as_bytes()]);
            prop_assert_eq!(entries.announcements(id.as_bytes()), std::slice::from_ref(&announcement));
            prop_assert_eq!(announces_new(&announcement), is_new);
        }
    }

    #[test]
    fn announced_ids_are_returned_once() {
        let members: [&[u8]; 6] = [b"a", b"\xff+1:a", b"\xff=2:b:c", b"\xff+3:b:c", b"\xff", b"\xff+4:"];
        let entries = Entries::from(members.map(<[u8]>::to_vec).to_vec());
        let mut ids = entries.ids.clone();
        ids.sort();
        assert_eq!(ids, [b"".as_slice(), b"a", b"b:c", b"\xff"]);
        assert_eq!(entries.announcements(b"b:c"), [b"\xff=2:b:c".to_vec(), b"\xff+3:b:c".to_vec()]);
        assert_eq!((entries.announcements(b"a").len(), entries.announcements(b"\xff").len()), (1, 0));
        assert!(announces_new(b"\xff+1:a") && !announces_new(b"\xff=1:a"));
    }
}

//! Bugs of key names.

use lucia_core::{SessionId, UserId, kv::KvLayout};

use super::{adapter::KeyValueAdapter, mutant::Bug};

pub(super) fn respelled(bug: Bug, mut sound: KeyValueAdapter) -> KeyValueAdapter {
    let (session, user) = &mut sound.spell;
    match bug {
        Bug::U6IdsAreCutAtAQuestionMark => {
            *session = |layout, id| layout.session_key(&normalized(id.as_str()).into());
            *user = |layout, id| layout.index_prefix(&normalized(id.as_str()).into());
        }
        Bug::R11IdsAreNotEscaped => *session = |layout, id| prefix(layout) + id.as_str(),
        Bug::IdsIgnoreCase => *session = |layout, id| layout.session_key(&id.as_str().to_lowercase().into()),
        Bug::IdsAreTrimmed => {
            *session = |layout, id| layout.session_key(&id.as_str().trim_end_matches(' ').into());
            *user = |layout, id| layout.index_prefix(&UserId::from(id.as_str().trim_end_matches(' ')));
        }
        _ => {}
    }
    sound
}

/// The `normalizeKey` of unstorage.
fn normalized(id: &str) -> String {
    let path = id.split('?').next().unwrap_or_default().replace(['/', '\\'], ":");
    path.split(':').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(":")
}

fn prefix(layout: &KvLayout) -> String {
    layout.session_key(&SessionId::from("")).trim_end_matches('~').to_owned()
}

//! Bugs of deleting the oldest sessions.

use std::{
    cmp::{Ordering, Reverse},
    sync::atomic,
};

use adapter_tests::schema::VISITS;
use lucia_core::{AdapterResult, SessionAdapter, SessionId, SessionScan, SessionSchema, UserId};

use super::mutant::{Bug, Mutant};

fn age(session: &SessionSchema) -> Option<i64> {
    session.attributes().get(VISITS)?.as_i64()
}

/// Compares two sessions correctly: the one that is kept is the lesser one.
fn compare(one: &SessionSchema, other: &SessionSchema, keep: &SessionId) -> Ordering {
    other.compare_age(one, keep, VISITS)
}

pub(super) async fn delete(
    mutant: &Mutant,
    user_id: &UserId,
    keep: &SessionId,
    created_at: &str,
    max: usize,
) -> AdapterResult<()> {
    let sound = &mutant.sound;
    if created_at != VISITS && mutant.bug != Bug::AnyNameIsAnAge {
        return sound.delete_oldest_sessions(user_id, keep, created_at, max).await;
    }
    let mut sessions = sound.get_sessions_by_user_id(user_id).await?;
    let mut max = max;
    sessions.sort_by(|one, other| compare(one, other, keep));
    let is_other = |session: &SessionSchema| session.id != *keep;
    match mutant.bug {
        Bug::OldestAreTheFirstToExpire => {
            sessions.sort_by_key(|session| (is_other(session), Reverse(session.idle_expires)));
        }
        Bug::OldestAreKept => {
            sessions.sort_by_key(|session| (is_other(session), age(session), session.idle_expires));
        }
        Bug::NoAgeIsZero => {
            let age = |session: &SessionSchema| (age(session).unwrap_or_default(), session.idle_expires);
            sessions.sort_by_key(|session| (is_other(session), Reverse(age(session))));
        }
        Bug::AgesIgnoreExpiries => {
            sessions.sort_by_key(|session| (is_other(session), Reverse((age(session), session.id.clone()))));
        }
        Bug::EqualAgesAreUnordered => {
            let calls = mutant.calls.fetch_add(1, atomic::Ordering::SeqCst);
            let length = sessions.len().max(1);
            sessions.rotate_left(calls % length);
            sessions.sort_by_key(|session| (is_other(session), Reverse((age(session), session.idle_expires))));
        }
        Bug::OldestOfAllUsersAreDeleted => {
            let all = sound.memory.scan_sessions(None, usize::MAX).await?.session_ids;
            sessions = sound.get_sessions(&all).await?;
            sessions.sort_by(|one, other| compare(one, other, keep));
            sessions.sort_by_key(|session| session.user_id != *user_id);
        }
        Bug::AnyNameIsAnAge if created_at != VISITS => sessions.clear(),
        Bug::NewSessionIsNotKept => sessions.sort_by(|one, other| compare(one, other, &"".into())),
        Bug::NewSessionIsKeptInAddition => sessions.retain(is_other),
        Bug::UnknownSessionTakesAPlace if sessions.iter().all(is_other) => max = max.saturating_sub(1),
        _ => return sound.delete_oldest_sessions(user_id, keep, created_at, max).await,
    }
    tokio::task::yield_now().await;
    for session in sessions.iter().skip(max) {
        sound.delete_session(&session.id).await?;
    }
    Ok(())
}

//! Bugs of deleting the oldest sessions.

use std::{cmp::Reverse, sync::atomic::Ordering};

use adapter_tests::schema::VISITS;
use lucia_core::{AdapterResult, SessionAdapter, SessionScan, SessionSchema, UserId};

use super::mutant::{Bug, Mutant};

fn age(session: &SessionSchema) -> Option<i64> {
    session.attributes().get(VISITS)?.as_i64()
}

pub(super) async fn delete(mutant: &Mutant, user_id: &UserId, created_at: &str, max: usize) -> AdapterResult<()> {
    let sound = &mutant.sound;
    if created_at != VISITS && mutant.bug != Bug::AnyNameIsAnAge {
        return sound.delete_oldest_sessions(user_id, created_at, max).await;
    }
    let mut sessions = sound.get_sessions_by_user_id(user_id).await?;
    match mutant.bug {
        Bug::OldestAreTheFirstToExpire => sessions.sort_by_key(|session| Reverse(session.idle_expires)),
        Bug::OldestAreKept => sessions.sort_by_key(age),
        Bug::NoAgeIsZero => {
            sessions.sort_by_key(|session| Reverse((age(session).unwrap_or_default(), session.idle_expires)));
        }
        Bug::AgesIgnoreExpiries => sessions.sort_by_key(|session| Reverse((age(session), session.id.clone()))),
        Bug::EqualAgesAreUnordered => {
            let calls = mutant.calls.fetch_add(1, Ordering::SeqCst);
            let length = sessions.len().max(1);
            sessions.rotate_left(calls % length);
            sessions.sort_by_key(|session| Reverse((age(session), session.idle_expires)));
        }
        Bug::OldestOfAllUsersAreDeleted => {
            let all = sound.memory.scan_sessions(None, usize::MAX).await?.session_ids;
            sessions = sound.get_sessions(&all).await?;
            sessions.sort_by_key(|session| Reverse((session.user_id == *user_id, age(session), session.idle_expires)));
        }
        Bug::AnyNameIsAnAge if created_at != VISITS => sessions.clear(),
        _ => return sound.delete_oldest_sessions(user_id, created_at, max).await,
    }
    tokio::task::yield_now().await;
    for session in sessions.iter().skip(max) {
        sound.delete_session(&session.id).await?;
    }
    Ok(())
}

//! What holds when all operations have ended, in whatever order.

use std::collections::BTreeSet;

use lucia_core::{AdapterErrorKind as Kind, Clock, SessionAdapter, SessionSchema};

use crate::{
    operation::{AGAIN, CREATED, FIRST, Operation, ROTATED, SIGNED_IN, Start, USER, layout, session},
    run::{Progress, Run, finish},
};

fn ensure(holds: bool, what: impl Into<String>) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.into()) }
}

/// The sessions that are alive, by what the store holds.
fn alive(run: &Run) -> Vec<SessionSchema> {
    let (now, layout) = (run.clock.now(), layout());
    let world = run.store.world();
    let stored = world.entries.iter().filter(|(key, _)| layout.parse_session_key(key).is_some());
    let sessions = stored.filter(|(_, (_, expires))| now < *expires);
    sessions.map(|(_, (json, _))| SessionSchema::from_json(json).unwrap()).collect()
}

/// Whether some index names a session, for as long as it lives.
fn is_listed(run: &Run, session: &SessionSchema) -> bool {
    let layout = layout();
    let world = run.store.world();
    let entry = world.entries.get(&layout.index_key(&session.user_id, &session.id));
    let list = world.entries.get(&layout.list_key(&session.user_id));
    entry.is_some_and(|(_, expires)| *expires > session.idle_expires)
        || list.is_some_and(|(ids, _)| String::from_utf8_lossy(ids).contains(&format!("\"{}\"", session.id.as_str())))
}

pub(crate) fn check(start: Start, operations: &[Operation], run: &Run) -> Result<(), String> {
    let did = |wanted: &[Operation], outcome: fn(Progress) -> bool| {
        operations
            .iter()
            .zip(&run.progress)
            .any(|(operation, progress)| wanted.contains(operation) && outcome(*progress))
    };
    let succeeded = |progress| progress == Progress::Ended(Ok(()));
    let anyhow = |_| true;
    let alive = alive(run);
    let is_alive = |id: &str| alive.iter().any(|session| session.id.as_str() == id);

    for session in &alive {
        ensure(is_listed(run, session), format!("{:?} is alive and not listed", session.id.as_str()))?;
    }
    let rotations = [Operation::Rotate, Operation::RotateTwice];
    let revocations_of_all = [Operation::DeleteAll, Operation::KeepAnother, Operation::ChangePassword];
    let endings = [rotations.as_slice(), &revocations_of_all, &[Operation::Delete]].concat();
    if did(&endings, succeeded) {
        ensure(!is_alive(FIRST), "a revoked session is alive")?;
    }
    // A rotation that was cut off is no more than a session that is created at the same time.
    if did(&revocations_of_all, succeeded) && !did(&rotations, |progress| progress == Progress::Abandoned) {
        ensure(!is_alive(ROTATED) && !is_alive(AGAIN), "a revoked session is alive under its new id")?;
    }
    if did(&[Operation::ChangePassword], succeeded)
        && !did(&[Operation::SignIn], |progress| progress == Progress::Abandoned)
    {
        ensure(!is_alive(SIGNED_IN), "a session made with the old password is alive")?;
    }
    // Nothing goes that nobody revoked.
    if !did(&endings, anyhow) {
        ensure(is_alive(FIRST) || start_is_over(run), "a session is gone that nobody revoked")?;
    }
    if !did(&revocations_of_all, anyhow) && !did(&[Operation::DeleteOthers], anyhow) {
        if did(&[Operation::Create], succeeded) {
            ensure(is_alive(CREATED) || start_is_over(run), "a created session is gone that nobody revoked")?;
        }
        if did(&[Operation::RotateTwice], succeeded) {
            ensure(is_alive(AGAIN) || start_is_over(run), "a session with a new id is gone that nobody revoked")?;
        }
    }
    // Two that spare different sessions may get in each other's way until both give up.
    let are_rivals = did(&[Operation::DeleteOthers], anyhow) && did(&[Operation::KeepAnother], anyhow);
    for progress in &run.progress {
        if let Progress::Ended(Err(kind)) = progress {
            let is_refusal =
                matches!(kind, Kind::InvalidSessionId | Kind::InvalidKeyId | Kind::Conflict | Kind::DuplicateSessionId);
            let gave_up = are_rivals && *kind == Kind::Unavailable;
            ensure(is_refusal || gave_up, format!("an operation failed: {kind:?}"))?;
        }
    }
    afterwards(start, run, &alive)
}

fn start_is_over(run: &Run) -> bool {
    run.clock.now() > session(FIRST).idle_expires
}

/// The adapter itself says the same, and revokes all that is left.
fn afterwards(start: Start, run: &Run, expected: &[SessionSchema]) -> Result<(), String> {
    let adapter = run.adapter(start);
    let ids = |sessions: &[SessionSchema]| sessions.iter().map(|session| session.id.clone()).collect::<BTreeSet<_>>();
    let listed = finish(adapter.get_sessions_by_user_id(&USER.into())).unwrap();
    ensure(ids(&listed) == ids(expected), "the list has other sessions than those alive")?;
    let listed = finish(adapter.get_sessions_by_user_id(&USER.into())).unwrap();
    ensure(ids(&listed) == ids(expected), "the list loses sessions when it is read")?;
    finish(adapter.delete_sessions_by_user_id(&USER.into())).unwrap();
    ensure(alive(run).is_empty(), "a session survives the revocation of all")
}

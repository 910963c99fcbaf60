//! The invariants that hold when all operations have ended, in whatever order.

use std::collections::BTreeSet;

use lucia_core::{AdapterErrorKind as Kind, Clock, SessionAdapter, SessionSchema};

use crate::{
    explorer::Limits,
    operation::{AGAIN, CREATED, FIRST, Operation, ROTATED, SIGNED_IN, Start, USER, hashed, layout, session},
    run::{Progress, Run, finish},
};

fn ensure(holds: bool, what: impl Into<String>) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.into()) }
}

/// Returns the live sessions in the store.
fn live(run: &Run) -> Vec<SessionSchema> {
    let (now, layout) = (run.clock.now(), layout());
    let world = run.store.world();
    let stored = world.entries.iter().filter(|(key, _)| layout.parse_session_key(key).is_some());
    let sessions = stored.filter(|(_, (_, expires))| now < *expires);
    let contents = sessions.map(|(_, (value, _))| value.split(|byte| *byte == b'\n').next().unwrap_or_default());
    // A store with conditional writes has tombstones, too, which are numbers.
    let jsons = contents.filter(|content| content.starts_with(b"{"));
    jsons.map(|json| SessionSchema::from_json(json).unwrap()).collect()
}

/// Returns `true` if the index names a session until it expires.
fn is_listed(run: &Run, session: &SessionSchema) -> bool {
    let layout = layout();
    let world = run.store.world();
    let entry = world.entries.get(&layout.index_key(&session.user_id, &session.id));
    let list = world.entries.get(&layout.list_key(&session.user_id));
    entry.is_some_and(|(_, expires)| *expires > session.idle_expires)
        || list.is_some_and(|(ids, _)| String::from_utf8_lossy(ids).contains(&format!("\"{}\"", session.id.as_str())))
}

pub(crate) fn check(start: Start, operations: &[Operation], limits: Limits, run: &Run) -> Result<(), String> {
    let did = |wanted: &[Operation], outcome: fn(Progress) -> bool| {
        operations
            .iter()
            .zip(&run.progress)
            .any(|(operation, progress)| wanted.contains(operation) && outcome(*progress))
    };
    let succeeded = |progress| progress == Progress::Ended(Ok(()));
    let anyhow = |_| true;
    // The operation did not complete, or does not know whether it did.
    let interrupted = |progress| matches!(progress, Progress::Abandoned | Progress::Ended(Err(Kind::Unavailable)));
    let live = live(run);
    let is_live = |id: &str| live.iter().any(|session| session.id.as_str() == id);

    for session in &live {
        ensure(is_listed(run, session), format!("{:?} is live but not listed", session.id.as_str()))?;
    }
    let rotations_once = [Operation::Rotate, Operation::RotateAndChange];
    let rotations = [&rotations_once[..], &[Operation::RotateTwice, Operation::RotateToCreated]].concat();
    let revocations_of_all = [Operation::DeleteAll, Operation::KeepAnother, Operation::ChangePassword];
    let moves = [Operation::Move, Operation::MoveAndRenew];
    let endings = [&rotations[..], &revocations_of_all, &[Operation::Delete, Operation::SignOut]].concat();
    if did(&endings, succeeded) || did(&moves, succeeded) {
        ensure(!is_live(FIRST), "a revoked session is live")?;
    }
    // In a plain store, an interrupted move counts like an abandoned rotation.
    let revocations_of_moved = [revocations_of_all.as_slice(), &[Operation::SignOut]].concat();
    if did(&revocations_of_moved, succeeded) && (limits.conditional || !did(&moves, interrupted)) {
        ensure(!is_live(hashed().as_str()), "a revoked session is live under its hash")?;
    }
    // An interrupted rotation counts as the creation of a session at the same time.
    if did(&revocations_of_all, succeeded) && !did(&rotations, interrupted) {
        ensure(!is_live(ROTATED) && !is_live(AGAIN), "a revoked session is live under its new id")?;
    }
    if did(&[Operation::ChangePassword], succeeded) && !did(&[Operation::SignIn], interrupted) {
        ensure(!is_live(SIGNED_IN), "a session created with the old password is live")?;
    }
    // A session that was not revoked is still live.
    if !did(&endings, anyhow) {
        let is_stored = is_live(FIRST) || did(&moves, anyhow) && is_live(hashed().as_str());
        ensure(is_stored || first_has_expired(run), "a session that was not revoked is missing")?;
    }
    let keepings = [Operation::DeleteOthers, Operation::KeepHash];
    let is_rotated_once = did(&rotations_once, anyhow) && !did(&[Operation::RotateTwice], anyhow);
    let is_revoked = did(&revocations_of_all, anyhow) || did(&[Operation::Delete, Operation::SignOut], anyhow);
    // In a plain store, the revocation may end the new session, and the rotation the old one.
    let is_kept = did(&keepings, anyhow) && !is_revoked && (is_rotated_once || did(&moves, anyhow));
    if limits.conditional && is_kept {
        let ids = [FIRST, ROTATED, hashed().as_str()].into_iter().filter(|id| is_live(id)).count();
        ensure(ids > 0 || first_has_expired(run), "a session that was kept is missing")?;
        ensure(ids < 2 || !succeeded_all(&run.progress), "a session that was kept is live under two ids")?;
    }
    if !did(&revocations_of_all, anyhow) && !did(&keepings, anyhow) {
        if did(&[Operation::Create], succeeded) {
            ensure(is_live(CREATED) || first_has_expired(run), "a created session that was not revoked is missing")?;
        }
        if did(&[Operation::RotateTwice], succeeded) {
            ensure(is_live(AGAIN) || first_has_expired(run), "a rotated session that was not revoked is missing")?;
        }
    }
    // Two revocations that keep different sessions may conflict until both give up.
    let are_rivals = did(&[Operation::DeleteOthers], anyhow) && did(&[Operation::KeepAnother], anyhow);
    for progress in &run.progress {
        if let Progress::Ended(Err(kind)) = progress {
            let is_rejection =
                matches!(kind, Kind::InvalidSessionId | Kind::InvalidKeyId | Kind::Conflict | Kind::DuplicateSessionId);
            let gave_up = (are_rivals || limits.faulty > 0) && *kind == Kind::Unavailable;
            ensure(is_rejection || gave_up, format!("an operation failed: {kind:?}"))?;
        }
    }
    if limits.conditional {
        let has_two = did(&moves, interrupted) || did(&rotations, interrupted);
        conditional(operations, run, if has_two { &[] } else { &live })?;
    }
    afterwards(start, run, &live)
}

/// The operations of which one succeeds.
const ONCE: &[Operation] = &[Operation::RenewOnce, Operation::Create, Operation::Rotate];

/// Checks what only conditional writes guarantee: one winner, and no lost update of a session under any of its ids.
fn conditional(operations: &[Operation], run: &Run, live: &[SessionSchema]) -> Result<(), String> {
    let winners = |wanted: &[Operation]| {
        let outcomes = operations.iter().zip(&run.progress).filter(|(operation, _)| wanted.contains(operation));
        outcomes.filter(|(_, progress)| **progress == Progress::Ended(Ok(()))).count()
    };
    // The id of a session that has expired is free.
    let wanted = if first_has_expired(run) { &[Operation::RenewOnce][..] } else { ONCE };
    for wanted in wanted {
        ensure(winners(&[*wanted]) < 2, format!("{wanted:?} has two winners"))?;
    }
    if !first_has_expired(run) {
        ensure(winners(&[Operation::Create, Operation::RotateToCreated]) < 2, "an id has two sessions")?;
    }
    let first = session(FIRST);
    for session in live.iter().filter(|session| ![CREATED, SIGNED_IN].contains(&session.id.as_str())) {
        if winners(&[Operation::Change]) > 0 {
            ensure(session.attributes().get("country").is_some(), "the change of an attribute is lost")?;
        }
        if winners(&[Operation::Renew, Operation::RenewFar, Operation::RenewOnce, Operation::MoveAndRenew]) > 0 {
            ensure(session.idle_expires > first.idle_expires, "a renewal is lost")?;
        }
    }
    Ok(())
}

fn succeeded_all(progress: &[Progress]) -> bool {
    progress.iter().all(|progress| *progress == Progress::Ended(Ok(())))
}

fn first_has_expired(run: &Run) -> bool {
    run.clock.now() > session(FIRST).idle_expires
}

/// Checks that the adapter lists the same sessions, and can revoke them.
fn afterwards(start: Start, run: &Run, expected: &[SessionSchema]) -> Result<(), String> {
    let adapter = run.adapter(start);
    let ids = |sessions: &[SessionSchema]| sessions.iter().map(|session| session.id.clone()).collect::<BTreeSet<_>>();
    let listed = finish(adapter.get_sessions_by_user_id(&USER.into())).unwrap();
    ensure(ids(&listed) == ids(expected), "the list differs from the live sessions")?;
    let listed = finish(adapter.get_sessions_by_user_id(&USER.into())).unwrap();
    ensure(ids(&listed) == ids(expected), "the list changed when it was read")?;
    finish(adapter.delete_sessions_by_user_id(&USER.into())).unwrap();
    ensure(live(run).is_empty(), "a session survives the revocation of all")
}

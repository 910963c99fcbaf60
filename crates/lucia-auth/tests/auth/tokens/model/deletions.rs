//! The deletion of a user beside sign-ins and renewals. Users and sessions have no foreign keys between them.

use std::{cell::Cell, sync::Arc};

use lucia_auth::{Adapter as _, Auth, ManualClock, SessionAdapter as _, UserAdapter as _};

use super::{
    ADA, Broken, Model,
    Operation::{AddKey, CreateAndRotate, CreateSession, DeleteUser, StoreAgain, Validate},
    Outcome, ensure, finish, run,
};
use crate::support::{DAY, NOW};

/// The store may free the ids of deleted sessions, or keep them.
const STORES: [fn(&mut Model); 2] = [|_| (), |model| rebuild(model, |model| model.stepped.keep_ids())];

fn rebuild(model: &mut Model, change: impl FnOnce(&mut Model)) {
    change(model);
    model.auth = Auth::builder(model.stepped.clone()).clock(Arc::new(ManualClock::new(NOW))).build().unwrap();
}

/// Makes the session idle for an application that reads users at renewals only.
fn become_idle(model: &mut Model) {
    let clock = Arc::new(ManualClock::new(NOW.saturating_add(2 * DAY)));
    let builder = Auth::builder(model.stepped.clone()).clock(clock);
    model.auth = builder.check_users_only_at_renewal().build().unwrap();
}

fn nobody_is_signed_in(model: &Model, outcomes: &[Option<Outcome>]) -> Result<(), String> {
    ensure(outcomes[0] == Some(Ok(None)), "the deletion failed")?;
    let refused = |outcome: &Option<Outcome>| {
        matches!(outcome, Some(Ok(_) | Err("AUTH_INVALID_USER_ID" | "AUTH_INVALID_SESSION_ID")))
    };
    ensure(outcomes.iter().all(refused), "an operation failed otherwise")?;
    ensure(model.sessions() == 0, "a session survives the deletion")
}

/// A sign-in inserts the session, and then reads the user. A deletion deletes the user, and then the sessions.
#[test]
fn no_session_of_a_sign_in_beside_a_deletion_survives_it() {
    let operations = [DeleteUser, CreateSession, CreateSession];
    let schedules = run(Broken::Nothing, &operations, 0, |_| (), nobody_is_signed_in).unwrap();
    assert!(schedules > 700, "{schedules}");
    for prepare in STORES {
        run(Broken::Nothing, &[DeleteUser, CreateSession], 0, prepare, nobody_is_signed_in).unwrap();
        for broken in [Broken::UsersAreCached, Broken::DeletesSessionsOnce] {
            let violation = run(broken, &[DeleteUser, CreateSession], 0, prepare, nobody_is_signed_in).unwrap_err();
            assert!(violation.contains("a session survives the deletion"), "{broken:?}: {violation}");
        }
    }
}

/// The application reads users at renewals only, so that nothing else would end the session.
#[test]
fn no_session_that_is_rotated_beside_a_deletion_survives_it() {
    for prepare in STORES {
        let schedules = run(Broken::Nothing, &[DeleteUser, CreateAndRotate], 0, prepare, nobody_is_signed_in).unwrap();
        assert!(schedules > 50, "{schedules}");
    }
}

#[test]
fn no_session_that_is_renewed_beside_a_deletion_survives_it() {
    let schedules = run(Broken::Nothing, &[DeleteUser, Validate], 0, become_idle, nobody_is_signed_in).unwrap();
    assert!(schedules > 20, "{schedules}");
}

/// A process may end, or a client disconnect, at any moment.
#[test]
fn a_sign_in_or_a_deletion_that_is_dropped_leaves_no_session_that_signs_in() {
    let check = |model: &Model, outcomes: &[Option<Outcome>]| {
        if outcomes[0].is_none() {
            finish(model.auth.delete_user(&ADA.into())).unwrap();
            return ensure(model.sessions() == 0, "a session survives the second deletion");
        }
        // Nobody has the token of a session whose sign-in was dropped, and reading it deletes it.
        ensure(model.sessions() <= usize::from(outcomes[1].is_none()), "a session survives the deletion")?;
        for session in finish(model.stepped.store().get_sessions_by_user_id(&ADA.into())).unwrap() {
            let found = finish(model.stepped.get_session_and_user(&session.id)).unwrap();
            ensure(found.is_none(), "the session of a deleted user signs in")?;
        }
        ensure(model.sessions() == 0, "the session of a deleted user is not deleted")
    };
    for prepare in STORES {
        run(Broken::Nothing, &[DeleteUser, CreateSession], 1, prepare, check).unwrap();
    }
}

/// Returns the numbers of keys and sessions that a user of the id has.
fn rows(model: &Model) -> (usize, usize) {
    (finish(model.stepped.store().get_keys_by_user_id(&ADA.into())).unwrap().len(), model.sessions())
}

#[test]
fn no_key_that_is_created_beside_a_deletion_survives_it() {
    let check = |model: &Model, outcomes: &[Option<Outcome>]| {
        ensure(outcomes[0] == Some(Ok(None)), "the deletion failed")?;
        ensure(matches!(outcomes[1], Some(Ok(_) | Err("AUTH_INVALID_USER_ID"))), "the key failed otherwise")?;
        ensure(rows(model) == (0, 0), "a key survives the deletion")
    };
    let schedules = run(Broken::Nothing, &[DeleteUser, AddKey], 0, |_| (), check).unwrap();
    assert!(schedules > 50, "{schedules}");
    let violation = run(Broken::UsersAreCached, &[DeleteUser, AddKey], 0, |_| (), check).unwrap_err();
    assert!(violation.contains("a key survives the deletion"), "{violation}");
}

#[test]
fn a_user_who_is_stored_again_during_a_deletion_keeps_their_key() {
    let (stored_again, signed_out) = (Cell::new(0), Cell::new(0));
    let check = |model: &Model, outcomes: &[Option<Outcome>]| match outcomes {
        [Some(Ok(None)), Some(Ok(None))] => {
            let (keys, sessions) = rows(model);
            stored_again.set(stored_again.get() + 1);
            signed_out.set(signed_out.get() + usize::from(sessions == 0));
            ensure(keys == 1 && sessions <= 1, "a key is lost")
        }
        [Some(Ok(None)), Some(Err("AUTH_DUPLICATE_USER_ID" | "AUTH_DUPLICATE_KEY_ID"))] => {
            ensure(rows(model) == (0, 0), "a key or a session survives the deletion")
        }
        _ => Err("an operation failed".to_owned()),
    };
    run(Broken::Nothing, &[DeleteUser, StoreAgain], 0, |_| (), check).unwrap();
    assert!(stored_again.get() > 5 && signed_out < stored_again, "{stored_again:?}, {signed_out:?}");
}

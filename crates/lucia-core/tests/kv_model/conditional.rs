//! Tests with a store that has conditional writes.

use crate::{
    STARTS, breaks, breaks_from,
    broken::Broken,
    create_the_same_id,
    explorer::Limits,
    operation::{
        Operation::{
            self, Change, ChangePassword, Create, Delete, DeleteAll, DeleteExpired, DeleteOthers, KeepAnother,
            KeepHash, List, Move, MoveAndRenew, Renew, RenewFar, RenewOnce, Rotate, RotateAndChange, RotateToCreated,
            RotateTwice, SignIn, SignOut,
        },
        Start,
    },
    sound,
};

const ALL: [Operation; 10] =
    [Create, Renew, RenewFar, RenewOnce, Change, Delete, DeleteAll, DeleteOthers, List, Rotate];

const MOVES: [Operation; 2] = [Move, MoveAndRenew];

fn pairs() -> impl Iterator<Item = [Operation; 2]> {
    let others = |index| ALL[index..].iter();
    ALL.into_iter().enumerate().flat_map(move |(index, one)| others(index).map(move |other| [one, *other]))
}

/// Explores all pairs of operations.
fn every_pair(limits: Limits) {
    for pair in pairs() {
        for start in STARTS {
            sound(start, &pair, limits.conditional());
        }
    }
}

/// No insertion and no renewal has two winners, no update is lost, and no revoked session ends up live.
#[test]
fn parallel_writes_are_decided_by_one_comparison() {
    every_pair(Limits::NONE);
}

/// Without the exception that a plain store has.
#[test]
fn an_abandoned_operation_revives_no_session() {
    every_pair(Limits::ABANDON);
}

#[test]
fn a_session_that_expires_during_operations_is_neither_revived_nor_unlisted() {
    every_pair(Limits::WAIT);
}

#[test]
fn a_repeated_write_changes_no_outcome() {
    every_pair(Limits::REPEAT);
}

#[test]
fn a_write_that_fails_or_arrives_late_changes_no_outcome() {
    every_pair(Limits::UNANSWERED);
}

#[test]
fn two_faults_change_no_outcome() {
    for operations in [
        [Create, Create],
        [RenewOnce, RenewOnce],
        [Change, Renew],
        [RenewFar, Delete],
        [Create, DeleteAll],
        [Renew, DeleteAll],
        [Rotate, Delete],
        [Rotate, DeleteAll],
        [Rotate, Change],
        [Move, SignOut],
        [Move, DeleteAll],
        [Move, Change],
        [Move, MoveAndRenew],
    ] {
        sound(Start::Session, &operations, Limits::TWO_FAULTS.conditional());
    }
}

/// Nor does one that fails: the session that has the id is another one.
#[test]
fn a_rotation_to_a_taken_id_changes_nothing() {
    for limits in [Limits::NONE, Limits::WAIT, Limits::ABANDON, Limits::REPEAT, Limits::UNANSWERED, Limits::TWO_FAULTS]
    {
        for start in STARTS {
            sound(start, &[Create, RotateToCreated], limits.conditional());
        }
    }
    for other in [Delete, Change, List, RotateToCreated] {
        sound(Start::Session, &[Create, RotateToCreated, other], Limits::PAGES.conditional());
    }
}

fn with_every_pair(revocation: Operation) {
    const OTHERS: [Operation; 5] = [Create, RenewFar, Change, Rotate, List];
    for (index, one) in OTHERS.into_iter().enumerate() {
        for other in OTHERS.into_iter().skip(index).filter(|other| !create_the_same_id(one, *other)) {
            sound(Start::Session, &[revocation, one, other], Limits::PAGES.conditional());
        }
    }
}

#[test]
fn no_session_survives_its_revocation_during_two_other_operations() {
    with_every_pair(Delete);
}

#[test]
fn no_session_survives_the_revocation_of_all_during_two_other_operations() {
    with_every_pair(DeleteAll);
}

#[test]
fn no_session_that_is_rotated_twice_survives_the_revocation_of_all() {
    for revocation in [DeleteAll, DeleteOthers] {
        for start in STARTS {
            sound(start, &[revocation, RotateTwice], Limits::NONE.conditional());
        }
    }
    for limits in [Limits::WAIT, Limits::ABANDON, Limits::REPEAT, Limits::UNANSWERED] {
        sound(Start::Session, &[DeleteAll, RotateTwice], limits.conditional());
    }
    sound(Start::Session, &[KeepAnother, DeleteOthers], Limits::NONE.conditional());
}

/// One request rotates the session of a device while another ends all sessions except it.
#[test]
fn a_session_that_is_kept_survives_its_rotation() {
    for limits in [Limits::NONE, Limits::WAIT, Limits::ABANDON, Limits::REPEAT, Limits::UNANSWERED] {
        for start in STARTS {
            for rotation in [Rotate, RotateAndChange] {
                sound(start, &[DeleteOthers, rotation], limits.conditional());
            }
            for (one, other) in MOVES.into_iter().flat_map(|one| [DeleteOthers, KeepHash].map(|other| (one, other))) {
                sound(start, &[one, other], limits.conditional());
            }
        }
    }
    for other in [Change, RenewFar, List] {
        sound(Start::Session, &[DeleteOthers, Rotate, other], Limits::PAGES.conditional());
    }
    for other in [Change, List, KeepHash, Move] {
        sound(Start::Session, &[KeepHash, Move, other], Limits::PAGES.conditional());
    }
}

#[test]
fn no_session_created_with_the_old_password_survives_its_change() {
    for limits in [Limits::NONE, Limits::WAIT, Limits::ABANDON, Limits::REPEAT, Limits::UNANSWERED] {
        for start in STARTS {
            sound(start, &[ChangePassword, SignIn], limits.conditional());
        }
    }
}

#[test]
fn moves_to_the_hash_lose_no_session_and_no_revocation() {
    for limits in [Limits::NONE, Limits::WAIT, Limits::ABANDON, Limits::REPEAT, Limits::UNANSWERED] {
        for (start, one) in STARTS.into_iter().flat_map(|start| MOVES.map(|one| (start, one))) {
            let others = [Move, MoveAndRenew, Change, Renew, RenewFar, RenewOnce, List, Create];
            for other in others.into_iter().chain([SignOut, DeleteAll, KeepAnother, ChangePassword]) {
                sound(start, &[one, other], limits.conditional());
            }
        }
    }
    for operations in [[Move, Move], [Move, MoveAndRenew], [MoveAndRenew, Change], [Move, List]] {
        for other in [SignOut, DeleteAll, Change, RenewOnce] {
            sound(Start::Session, &[operations[0], operations[1], other], Limits::PAGES.conditional());
        }
    }
}

#[test]
fn deleting_expired_entries_keeps_the_others() {
    for other in ALL.into_iter().chain([RotateTwice, Move, DeleteExpired]) {
        for limits in [Limits::NONE, Limits::WAIT, Limits::ABANDON, Limits::REPEAT, Limits::UNANSWERED] {
            sound(Start::ExpiredMark, &[DeleteExpired, other], limits.conditional());
        }
    }
}

#[test]
fn a_late_deletion_of_a_mark_hides_no_session_from_the_revocation_of_all() {
    for revocation in [DeleteAll, DeleteOthers, KeepAnother] {
        for other in [Create, Rotate, RotateTwice, Move] {
            sound(Start::LateDeletion, &[revocation, other], Limits::NONE.conditional());
        }
    }
}

#[test]
fn the_conditions_are_necessary() {
    let limits = Limits::NONE.conditional();
    for broken in [Broken::ConditionsIgnored, Broken::RefusalsHidden] {
        breaks(&[Create, Create], limits, broken, "two winners");
        breaks(&[RenewOnce, RenewOnce], limits, broken, "two winners");
        breaks(&[Change, Renew], limits, broken, "is lost");
        breaks(&[Rotate, Rotate], limits, broken, "two winners");
    }
    breaks(&[Renew, Delete], limits, Broken::ConditionsIgnored, "is live but not listed");
    breaks(&[Rotate, DeleteAll], limits, Broken::RefusalsHidden, "live under its new id");
}

/// A revocation of all that finds a mark writes none.
#[test]
fn the_mark_is_necessary() {
    let (operations, limits) = ([DeleteAll, RotateTwice], Limits::NONE.conditional());
    for broken in [Broken::NoMarks, Broken::MarksLate] {
        breaks_from(Start::ExpiredMark, &operations, limits, broken, "live under its new id");
    }
    breaks(&operations, limits, Broken::MarksUnread, "an operation failed: Unavailable");
}

#[test]
fn the_order_of_session_and_index_entry_is_necessary() {
    let limits = Limits::ABANDON.conditional();
    for operations in [[Create, List], [Rotate, List]] {
        breaks(&operations, limits, Broken::EntryAfterSession, "is live but not listed");
    }
}

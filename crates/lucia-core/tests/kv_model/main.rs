//! `KvSessionAdapter` under every order in which the single requests of operations at the same time can reach the store.
//!
//! The operations are the adapter's own futures. The store lets a request wait until the scheduler grants it, so that a
//! schedule is a list of who goes next; the explorer tries them all, but no state twice.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod broken;
mod eventual;
mod explorer;
mod invariants;
mod operation;
mod run;
mod store;

use self::{
    broken::Broken,
    explorer::{Explored, Limits, explore},
    operation::{Operation, Start},
    run::{Run, Step},
    store::Granularity,
};
use Operation::{
    ChangePassword, Create, Delete, DeleteAll, DeleteExpired, DeleteOthers, KeepAnother, List, Renew, RenewFar, Rotate,
    RotateTwice, SignIn,
};

const STARTS: [Start; 3] = [Start::Session, Start::LookingAtTheIndex, Start::ListOfLuciaJs];
const ALL: [Operation; 8] = [Create, Renew, RenewFar, Delete, DeleteAll, DeleteOthers, List, Rotate];

/// Explores these operations on a store that is consistent at once, and fails on the first broken invariant.
fn sound(start: Start, operations: &[Operation], limits: Limits) -> Explored {
    let explored = explore(start, operations, limits, Broken::Nothing);
    assert_eq!(explored.violation, None, "{start:?} {operations:?}");
    explored
}

/// Some schedule breaks an invariant, and that is what it says.
fn breaks(operations: &[Operation], limits: Limits, broken: Broken, expected: &str) {
    let violation = explore(Start::Session, operations, limits, broken).violation;
    let violation = violation.unwrap_or_else(|| panic!("{broken:?} breaks nothing in {operations:?}"));
    assert!(violation.contains(expected), "{broken:?} {operations:?}: {violation}");
}

fn pairs() -> impl Iterator<Item = [Operation; 2]> {
    let others = |index| ALL[index..].iter();
    ALL.into_iter().enumerate().flat_map(move |(index, one)| others(index).map(move |other| [one, *other]))
}

fn is_renewal(operation: Operation) -> bool {
    matches!(operation, Renew | RenewFar)
}

fn revokes(operation: Operation) -> bool {
    matches!(operation, Delete | DeleteAll | DeleteOthers | Rotate)
}

/// A renewal that is cut off between its write and its look at the tombstone, while the session is revoked.
fn may_be_cut_off(operations: &[Operation]) -> bool {
    operations.iter().any(|operation| is_renewal(*operation)) && operations.iter().any(|operation| revokes(*operation))
}

#[test]
fn u8_k8_no_revoked_session_stays_alive_and_no_live_one_is_unlisted() {
    for pair in pairs() {
        for start in STARTS {
            sound(start, &pair, Limits::NONE);
        }
    }
}

/// Three at a time, of which one revokes: without a revocation nothing takes anything away.
fn threes(revocation: Operation) {
    for [one, other] in pairs() {
        let operations = [revocation, one, other];
        if !HEAVY.contains(&operations) && !has_two_of_one_id(one, other) {
            sound(Start::Session, &operations, Limits::PAGES);
        }
    }
}

/// Two sessions of one id are not created while a third party revokes one of them: ids are random.
fn has_two_of_one_id(one: Operation, other: Operation) -> bool {
    one == other && matches!(one, Create | Rotate)
}

/// Together they have more than a million states, and take longer than all others.
const HEAVY: [[Operation; 3]; 4] = [
    [DeleteAll, DeleteAll, DeleteOthers],
    [DeleteAll, DeleteAll, Rotate],
    [DeleteAll, DeleteOthers, Rotate],
    [DeleteAll, RotateTwice, DeleteAll],
];

#[test]
fn no_session_survives_its_revocation_beside_two_others() {
    threes(Delete);
}

#[test]
fn no_session_survives_the_revocation_of_all_beside_two_others() {
    threes(DeleteAll);
}

#[test]
fn only_one_session_survives_the_revocation_of_the_others() {
    for [one, other] in pairs().filter(|pair| !pair.contains(&DeleteAll) && !pair.contains(&Delete)) {
        if !has_two_of_one_id(one, other) {
            sound(Start::Session, &[DeleteOthers, one, other], Limits::PAGES);
        }
    }
}

#[test]
fn no_session_survives_the_revocation_of_all_beside_another_revocation() {
    sound(Start::Session, &HEAVY[0], Limits::PAGES);
    sound(Start::Session, &HEAVY[1], Limits::PAGES);
}

#[test]
fn no_session_survives_the_revocation_of_all_that_moves_beside_one_that_spares_it() {
    sound(Start::Session, &HEAVY[2], Limits::PAGES);
}

/// Each of two devices revokes all sessions but its own, while the one of them gets another id.
///
/// All orders of the three are too many. In this one a mark that came back would pass for one that nobody has replaced.
#[test]
fn no_session_survives_that_moves_beside_revocations_that_spare_different_ones() {
    for start in STARTS {
        sound(start, &[DeleteOthers, KeepAnother], Limits::NONE);
    }
    let operations = [DeleteOthers, KeepAnother, Rotate];
    let mut run = Run::new(Start::Session, &operations, Granularity::Pages, Broken::Nothing);
    for actor in "000002221100000000011111221111222".bytes() {
        run.apply(Step::Grant(usize::from(actor - b'0')));
    }
    for actor in 0..operations.len() {
        while run.running().any(|running| running == actor) {
            run.apply(Step::Grant(actor));
        }
    }
    assert_eq!(invariants::check(Start::Session, &operations, &run), Ok(()));
}

/// A session that always gets another id is in no listing that is not a snapshot.
#[test]
fn no_session_that_moves_again_and_again_survives_the_revocation_of_all() {
    for start in STARTS {
        sound(start, &[DeleteAll, RotateTwice], Limits::NONE);
        sound(start, &[DeleteOthers, RotateTwice], Limits::NONE);
        sound(start, &[DeleteAll, RotateTwice], Limits::WAIT);
    }
    for other in [Create, Renew, List] {
        sound(Start::Session, &[DeleteAll, RotateTwice, other], Limits::PAGES);
        sound(Start::Session, &[DeleteOthers, RotateTwice, other], Limits::PAGES);
    }
    sound(Start::Session, &HEAVY[3], Limits::PAGES);
}

/// The session is made first, and the key read again: a change writes the key first, and revokes afterwards.
#[test]
fn no_session_made_with_the_old_password_survives_its_change() {
    for start in STARTS {
        for limits in [Limits::NONE, Limits::WAIT, Limits::ABANDON] {
            sound(start, &[ChangePassword, SignIn], limits);
        }
    }
    for other in [Create, Renew, List, Delete, DeleteAll, Rotate] {
        sound(Start::Session, &[ChangePassword, SignIn, other], Limits::PAGES);
    }
    breaks(&[ChangePassword, SignIn], Limits::NONE, Broken::PasswordUnread, "made with the old password");
}

#[test]
fn an_operation_that_is_cut_off_leaves_no_live_session_unlisted() {
    for pair in pairs().filter(|pair| !may_be_cut_off(pair)) {
        for start in STARTS {
            sound(start, &pair, Limits::ABANDON);
        }
    }
}

/// The one exception, which no order of a renewal's requests avoids: its write comes after the revocation, and it never looks
/// whether there was one. The next renewal does.
#[test]
fn a_renewal_that_is_cut_off_during_a_revocation_brings_the_session_back() {
    for operations in [[Renew, Delete], [RenewFar, DeleteAll], [Renew, Rotate]] {
        breaks(&operations, Limits::ABANDON, Broken::Nothing, "alive");
    }
}

#[test]
fn a_session_that_expires_meanwhile_is_neither_revived_nor_unlisted() {
    for pair in pairs() {
        for start in STARTS {
            sound(start, &pair, Limits::WAIT);
        }
    }
}

/// A service carries a request out, its connection closes, and the request is made again.
#[test]
fn a_write_that_is_made_again_neither_revives_a_session_nor_takes_one_away() {
    for pair in pairs() {
        for start in STARTS {
            sound(start, &pair, Limits::REPEAT);
        }
    }
    // Creations and rotations look for their tombstone for no other reason.
    breaks(&[Create, DeleteAll], Limits::REPEAT, Broken::TombstonesUnread, "is alive and not listed");
}

/// A store that keeps what has expired, and what is left there of a revocation of long ago.
#[test]
fn deleting_what_has_expired_takes_nothing_away_that_is_needed() {
    for other in ALL.into_iter().chain([RotateTwice, DeleteExpired]) {
        for limits in [Limits::NONE, Limits::WAIT, Limits::ABANDON, Limits::REPEAT] {
            sound(Start::OverdueMark, &[DeleteExpired, other], limits);
        }
    }
    for other in [Renew, RotateTwice] {
        sound(Start::OverdueMark, &[DeleteExpired, DeleteAll, other], Limits::PAGES);
    }
}

#[test]
fn the_tombstone_is_needed() {
    for broken in [Broken::NoTombstones, Broken::TombstonesUnread, Broken::TombstonesLate] {
        for operations in [[Renew, Delete], [RenewFar, Delete], [Renew, DeleteAll], [Renew, Rotate]] {
            breaks(&operations, Limits::NONE, broken, "alive");
        }
    }
}

#[test]
fn the_order_of_session_and_index_entry_is_needed() {
    for operations in [[Create, List], [Rotate, List], [RenewFar, List]] {
        breaks(&operations, Limits::ABANDON, Broken::EntryAfterSession, "is alive and not listed");
    }
    for operations in [[Delete, List], [DeleteAll, List], [Rotate, List]] {
        breaks(&operations, Limits::ABANDON, Broken::EntryGoesFirst, "is alive and not listed");
    }
}

#[test]
fn young_index_entries_have_to_stay() {
    for operations in [[Create, List], [Create, DeleteAll], [Rotate, List]] {
        breaks(&operations, Limits::NONE, Broken::YoungEntriesAreLeftovers, "is alive and not listed");
    }
}

#[test]
fn the_mark_is_needed() {
    for broken in [Broken::NoMarks, Broken::MarksUnread, Broken::MarksLate] {
        breaks(&[DeleteAll, RotateTwice], Limits::NONE, broken, "alive under its new id");
    }
}

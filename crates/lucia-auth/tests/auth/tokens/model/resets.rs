use std::cell::Cell;

use lucia_auth::{NewToken, TokenPurpose};

use super::{
    Broken, EMAIL, INVALID, Model, NEW, OLD,
    Operation::{ChangePassword, MagicSignIn, ReplacePassword, Reset, SignIn},
    Outcome, ensure, finish, run, winners,
};

const OTHER: &str = "the other password";

fn is(model: &Model, password: &str) -> bool {
    model.hash() == format!("plain:{password}")
}

/// Checks a reset beside a sign-in, of which none was dropped.
fn nobody_is_signed_in(model: &Model, outcomes: &[Option<Outcome>]) -> Result<(), String> {
    ensure(matches!(outcomes[0], Some(Ok(_))), "the reset failed")?;
    ensure(is(model, NEW), "the password is not the new one")?;
    ensure(model.sessions() == 0, "a session survives the reset")
}

/// A sign-in stores its session, and then reads the key again. A reset locks the key, and then deletes the sessions.
#[test]
fn no_session_of_a_sign_in_beside_a_reset_survives_it() {
    for sign_in in [SignIn(OLD), MagicSignIn] {
        let schedules = run(Broken::Nothing, &[Reset(NEW), sign_in], 0, |_| (), nobody_is_signed_in).unwrap();
        assert!(schedules > 300, "{schedules}");
        let violation = run(
            Broken::KeysAreCached,
            &[sign_in, Reset(NEW)],
            0,
            |_| (),
            |model, outcomes| nobody_is_signed_in(model, &[outcomes[1].clone()]),
        );
        assert!(violation.unwrap_err().contains("a session survives the reset"));
    }
}

#[test]
fn the_lock_is_necessary() {
    let violation = run(Broken::NoLock, &[Reset(NEW), SignIn(OLD)], 0, |_| (), nobody_is_signed_in).unwrap_err();
    assert!(violation.contains("a session survives the reset"), "{violation}");
}

/// A process may end, or a client disconnect, at any moment.
#[test]
fn a_reset_that_is_dropped_lets_nobody_in_and_can_be_finished() {
    let check = |model: &Model, outcomes: &[Option<Outcome>]| {
        // Nobody has the token of a session whose sign-in was dropped.
        let signed_in = usize::from(outcomes[1].is_none());
        if is(model, NEW) {
            ensure(model.sessions() <= signed_in, "a session has survived the new password")?;
        } else if !is(model, OLD) {
            ensure(model.hash().starts_with('!'), "the old password ended otherwise than by the lock")?;
        }
        if !is(model, NEW) {
            let again = finish(model.tokens.reset_password(model.reset.as_str(), NEW));
            if again.is_err() {
                ensure(!is(model, OLD), "the token was lost though nothing has changed")?;
                let new = NewToken::for_key(TokenPurpose::PASSWORD_RESET, EMAIL);
                let token = finish(model.tokens.issue(new)).unwrap();
                finish(model.tokens.reset_password(token.as_str(), NEW)).unwrap();
            }
            ensure(model.sessions() == 0, "a session survives the second reset")?;
        }
        ensure(is(model, NEW), "the new password is not set")
    };
    for sign_in in [SignIn(OLD), MagicSignIn] {
        run(Broken::Nothing, &[Reset(NEW), sign_in], 1, |_| (), check).unwrap();
    }
}

#[test]
fn of_resets_with_one_token_one_wins() {
    let one_wins = |model: &Model, outcomes: &[Option<Outcome>]| {
        ensure(winners(outcomes) == 1, "not one reset won")?;
        let expected = if outcomes[0] == Some(Ok(None)) { NEW } else { OTHER };
        ensure(is(model, expected), "the password is not that of the winner")?;
        ensure(outcomes.contains(&Some(Err(INVALID))), "the other reset failed otherwise")?;
        ensure(model.sessions() == 0, "a session survives the reset")
    };
    run(Broken::Nothing, &[Reset(NEW), Reset(OTHER)], 0, |_| (), one_wins).unwrap();
    let violation = run(Broken::UpdatesAnyHash, &[Reset(NEW), Reset(OTHER)], 0, |_| (), one_wins).unwrap_err();
    assert!(violation.contains("not one reset won"), "{violation}");
    let at_most_one = |_: &Model, outcomes: &[Option<Outcome>]| ensure(winners(outcomes) <= 1, "two resets won");
    run(Broken::Nothing, &[Reset(NEW), Reset(OTHER)], 1, |_| (), at_most_one).unwrap();
}

/// Whoever knew the old password, such as a thief, has verified it before.
#[test]
fn of_a_reset_and_a_replaced_password_one_wins() {
    let one_wins = |model: &Model, outcomes: &[Option<Outcome>]| {
        ensure(winners(outcomes) == 1, "not one of them won")?;
        let expected = if outcomes[0] == Some(Ok(None)) { NEW } else { OTHER };
        ensure(is(model, expected), "the password is not that of the winner")
    };
    let operations = [Reset(NEW), ReplacePassword(OTHER)];
    run(Broken::Nothing, &operations, 0, |_| (), one_wins).unwrap();
    let violation = run(Broken::UpdatesAnyHash, &operations, 0, |_| (), one_wins).unwrap_err();
    assert!(violation.contains("not one of them won"), "{violation}");
}

#[test]
fn a_reset_is_overwritten_only_by_a_change_that_began_after_it() {
    let both = Cell::new(0);
    let check = |model: &Model, outcomes: &[Option<Outcome>]| {
        ensure(is(model, NEW) || is(model, OTHER), "neither password is set")?;
        both.set(both.get() + usize::from(winners(outcomes) == 2));
        ensure(winners(outcomes) >= 1, "neither won")?;
        ensure(outcomes[0] == Some(Ok(None)) || is(model, OTHER), "a void token has reset the password")?;
        ensure(matches!(outcomes[1], Some(Ok(_))) || is(model, NEW), "a refused change has changed the password")
    };
    run(Broken::Nothing, &[Reset(NEW), ChangePassword(OTHER)], 0, |_| (), check).unwrap();
    assert_eq!(both.get(), 1, "in the schedule in which the reset ends before the change begins");
}

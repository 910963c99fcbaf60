use lucia_auth::NewToken;

use super::{
    ADA, Broken, CODE, Model,
    Operation::{IssueCode, RightCode, WrongCode},
    Outcome, ensure, finish, others_are_invalid, run, winners,
};
use crate::tokens::wrong;

/// Tries a wrong code this often.
fn tried(tries: usize) -> impl Fn(&mut Model) {
    move |model| (0..tries).for_each(|_| assert!(model.redeem_code(&wrong(&model.code)).is_err()))
}

/// Tries wrong codes this often, and issues a new one.
fn tried_today(tries: usize) -> impl Fn(&mut Model) {
    move |model| {
        tried(tries)(model);
        model.code = finish(model.tokens.issue_code(NewToken::new(CODE, ADA))).unwrap();
    }
}

fn one_wins(model: &Model, outcomes: &[Option<Outcome>]) -> Result<(), String> {
    ensure(winners(outcomes) == 1, "not one redeem won")?;
    ensure(model.redeem_code(model.code.as_str()).is_err(), "the code is valid after it was redeemed")
}

fn none_wins(_: &Model, outcomes: &[Option<Outcome>]) -> Result<(), String> {
    ensure(winners(outcomes) == 0, "more tries than five were compared")
}

#[test]
fn of_redeems_of_a_code_one_wins() {
    run(Broken::Nothing, &[RightCode, RightCode], 0, |_| (), one_wins).unwrap();
    let violation = run(Broken::TakesInTwoSteps, &[RightCode, RightCode], 0, |_| (), one_wins).unwrap_err();
    assert!(violation.contains("not one redeem won"), "{violation}");
}

#[test]
fn of_redeems_of_which_one_is_dropped_at_most_one_wins() {
    let at_most_one =
        |_: &Model, outcomes: &[Option<Outcome>]| ensure(winners(outcomes) <= 1, "two redeems of a code won");
    run(Broken::Nothing, &[RightCode, RightCode], 1, |_| (), at_most_one).unwrap();
}

#[test]
fn exactly_five_tries_of_a_code_are_compared() {
    run(Broken::Nothing, &[RightCode, RightCode], 0, tried(4), one_wins).unwrap();
    run(Broken::Nothing, &[RightCode, RightCode], 0, tried(5), none_wins).unwrap();
    let after = |model: &Model, _: &[Option<Outcome>]| {
        ensure(model.redeem_code(model.code.as_str()).is_err(), "a sixth try was compared")
    };
    run(Broken::Nothing, &[WrongCode, WrongCode, WrongCode], 0, tried(2), after).unwrap();
    // A dropped try stays counted.
    run(Broken::Nothing, &[WrongCode, WrongCode], 1, tried(5), after).unwrap();
    let right = |_: &Model, outcomes: &[Option<Outcome>]| ensure(winners(outcomes) == 1, "fewer tries were compared");
    run(Broken::Nothing, &[WrongCode, RightCode], 0, tried(3), right).unwrap();
}

#[test]
fn exactly_twenty_tries_a_day_are_compared() {
    run(Broken::Nothing, &[RightCode, RightCode], 0, tried_today(19), one_wins).unwrap();
    run(Broken::Nothing, &[RightCode, RightCode], 0, tried_today(20), none_wins).unwrap();
    // A counter that is not atomic lets two of them pass.
    let last =
        |model: &Model, _: &[Option<Outcome>]| ensure(model.redeem_code(model.code.as_str()).is_ok(), "a try was lost");
    run(Broken::Nothing, &[WrongCode], 0, tried_today(18), last).unwrap();
    let refused = |outcomes: &[Option<Outcome>]| {
        outcomes.iter().filter(|outcome| **outcome == Some(Err("AUTH_TOO_MANY_ATTEMPTS"))).count()
    };
    let one_is_refused =
        |_: &Model, outcomes: &[Option<Outcome>]| ensure(refused(outcomes) == 1, "not one try was refused");
    run(Broken::Nothing, &[WrongCode, WrongCode], 0, tried_today(19), one_is_refused).unwrap();
    let violation = run(Broken::CountsInTwoSteps, &[WrongCode, WrongCode], 0, tried_today(19), one_is_refused);
    assert!(violation.unwrap_err().contains("not one try was refused"));
}

#[test]
fn of_codes_issued_in_parallel_one_is_valid() {
    let one_is_valid = |model: &Model, outcomes: &[Option<Outcome>]| {
        let codes: Vec<_> = outcomes.iter().map(|outcome| outcome.clone().unwrap().unwrap().unwrap()).collect();
        if codes[0] == codes[1] {
            return Ok(());
        }
        let valid = codes.iter().filter(|code| model.redeem_code(code.as_str()).is_ok()).count();
        ensure(valid == 1, "not one code is valid")
    };
    run(Broken::Nothing, &[IssueCode, IssueCode], 0, |_| (), one_is_valid).unwrap();
}

#[test]
fn an_older_code_is_void_once_another_one_was_issued() {
    let check = |model: &Model, outcomes: &[Option<Outcome>]| {
        ensure(others_are_invalid(outcomes), "an operation failed")?;
        let Some(Ok(Some(newer))) = &outcomes[1] else { return Err("no code was issued".to_owned()) };
        ensure(*newer == model.code || model.redeem_code(model.code.as_str()).is_err(), "the older code is valid")
    };
    run(Broken::Nothing, &[RightCode, IssueCode], 0, |_| (), check).unwrap();
}

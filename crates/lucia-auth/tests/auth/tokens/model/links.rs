use super::{
    Broken, Model,
    Operation::{Issue, Peek, Redeem},
    Outcome, ensure, others_are_invalid, run, winners,
};

fn one_wins(model: &Model, outcomes: &[Option<Outcome>]) -> Result<(), String> {
    ensure(winners(outcomes) == 1 && others_are_invalid(outcomes), "not one redeem won")?;
    ensure(model.redeem(&model.link).is_err(), "the link is valid after it was redeemed")
}

#[test]
fn of_redeems_one_wins() {
    assert_eq!(run(Broken::Nothing, &[Redeem, Redeem], 0, |_| (), one_wins), Ok(12));
    run(Broken::Nothing, &[Redeem, Redeem, Redeem], 0, |_| (), one_wins).unwrap();
    let violation = run(Broken::TakesInTwoSteps, &[Redeem, Redeem], 0, |_| (), one_wins).unwrap_err();
    assert!(violation.contains("not one redeem won"), "{violation}");
}

#[test]
fn of_redeems_of_which_one_is_dropped_at_most_one_wins() {
    let at_most_one = |model: &Model, outcomes: &[Option<Outcome>]| {
        ensure(winners(outcomes) <= 1 && others_are_invalid(outcomes), "two redeems won")?;
        let is_used = winners(outcomes) == 1;
        ensure(!is_used || model.redeem(&model.link).is_err(), "the link is valid after it was redeemed")
    };
    run(Broken::Nothing, &[Redeem, Redeem], 1, |_| (), at_most_one).unwrap();
}

#[test]
fn peeking_leaves_a_link_to_its_redeem() {
    let check = |_: &Model, outcomes: &[Option<Outcome>]| {
        ensure(matches!(outcomes[0], Some(Ok(_))) && others_are_invalid(outcomes), "the redeem failed")
    };
    run(Broken::Nothing, &[Redeem, Peek, Peek], 0, |_| (), check).unwrap();
}

/// Both may be valid, but not one after the other was redeemed or a third one was issued.
#[test]
fn of_links_issued_in_parallel_one_is_redeemed() {
    let issued = |outcomes: &[Option<Outcome>]| -> Vec<_> {
        outcomes.iter().map(|outcome| outcome.clone().unwrap().unwrap().unwrap()).collect()
    };
    let one_at_a_time = |model: &Model, outcomes: &[Option<Outcome>]| {
        ensure(model.redeem(&model.link).is_err(), "the older link is valid")?;
        let redeemed = issued(outcomes).iter().filter(|token| model.redeem(token).is_ok()).count();
        ensure(redeemed == 1, "not one link can be redeemed")
    };
    run(Broken::Nothing, &[Issue, Issue], 0, |_| (), one_at_a_time).unwrap();
    run(Broken::Nothing, &[Issue, Issue, Issue], 0, |_| (), one_at_a_time).unwrap();
    let third = |model: &Model, outcomes: &[Option<Outcome>]| {
        super::finish(model.tokens.issue(super::NewToken::new(super::LINK, super::ADA))).unwrap();
        ensure(issued(outcomes).iter().all(|token| model.redeem(token).is_err()), "an older link is valid")
    };
    run(Broken::Nothing, &[Issue, Issue], 0, |_| (), third).unwrap();
}

#[test]
fn a_link_is_not_valid_after_another_one_was_issued() {
    let check = |model: &Model, outcomes: &[Option<Outcome>]| {
        ensure(others_are_invalid(outcomes), "an operation failed")?;
        ensure(model.redeem(&model.link).is_err(), "the older link is valid")?;
        let Some(Ok(Some(newer))) = &outcomes[1] else { return Err("no link was issued".to_owned()) };
        // Redeeming the older one voids those that were issued meanwhile.
        ensure(outcomes[0] == Some(Ok(None)) || model.redeem(newer).is_ok(), "neither link was valid")
    };
    run(Broken::Nothing, &[Redeem, Issue], 0, |_| (), check).unwrap();
}

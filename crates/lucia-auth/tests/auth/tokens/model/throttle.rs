use std::time::Duration;

use lucia_auth::{Auth, Limit, Throttle, ThrottleKey};

use super::{
    Broken, Model, NEW, OLD,
    Operation::{self, SignIn},
    Outcome, ensure, explore, process, winners,
};

/// Signs in within a limit of one attempt, each time in another process.
fn run(
    broken: Broken,
    operations: &[Operation],
    check: impl Fn(&Model, &[Option<Outcome>], usize) -> Result<(), String>,
) -> Result<usize, String> {
    let first = Model::new(broken);
    let limited = |_: &Operation| -> Auth {
        let throttle = Throttle::new(first.stepped.clone(), ThrottleKey::from_bytes([7; 32]));
        let limit = Limit::new(1, Duration::from_secs(60));
        process(&first.stepped, &first.hasher, throttle.per_account(limit))
    };
    let processes: Vec<_> = operations.iter().map(limited).collect();
    explore(
        0,
        || {
            let model = first.again();
            model.hasher.take();
            let in_process = |auth: &Auth| Model { auth: auth.clone(), ..model.clone() };
            let flows = operations.iter().zip(&processes);
            let flows = flows.map(|(operation, auth)| operation.start(&in_process(auth))).collect();
            let stepped = model.stepped.clone();
            (model, stepped, flows)
        },
        |model, outcomes| check(model, &outcomes, model.hasher.take()),
    )
}

#[test]
fn of_parallel_guesses_exactly_the_allowed_number_is_verified() {
    let one_is_verified =
        |_: &Model, _: &[Option<Outcome>], hashes: usize| ensure(hashes == 1, "not one guess was verified");
    run(Broken::Nothing, &[SignIn(NEW), SignIn(NEW)], one_is_verified).unwrap();
    run(Broken::Nothing, &[SignIn(NEW), SignIn(NEW), SignIn(NEW)], one_is_verified).unwrap();
    let violation = run(Broken::CountsInTwoSteps, &[SignIn(NEW), SignIn(NEW)], one_is_verified).unwrap_err();
    assert!(violation.contains("not one guess was verified"), "{violation}");
}

#[test]
fn of_parallel_sign_ins_within_the_limit_at_least_one_succeeds() {
    let one_succeeds = |_: &Model, outcomes: &[Option<Outcome>], hashes: usize| {
        ensure(winners(outcomes) >= 1 && hashes == winners(outcomes), "a right password was not accepted")
    };
    run(Broken::Nothing, &[SignIn(OLD), SignIn(OLD)], one_succeeds).unwrap();
}

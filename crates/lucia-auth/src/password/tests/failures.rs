//! Every failed sign-in does the same work (bug C14).

use argon2::Params;
use lucia_core::HashedPassword;

use crate::password::{
    Verification,
    blocks::Blocks,
    verify::{finish_failure, verify},
    work::{FailureWork, Work},
};

fn own() -> Work {
    Work::argon2id(Params::DEFAULT)
}

fn name(work: &Work) -> String {
    match work {
        Work::Argon2 { params, .. } => format!("argon2 m={} t={}", params.m_cost(), params.t_cost()),
        Work::Scrypt { r } => format!("scrypt r={r}"),
    }
}

/// Returns the work of one verification, in which the password is correct if `right`.
fn work_of_verify(failure: &FailureWork, hash: &str, right: bool) -> (Verification, Vec<String>) {
    let mut work = Vec::new();
    let verification = verify(failure, "hunter2", &HashedPassword::new(hash), &mut |done, _, _, computed| {
        computed.fill(if right { 0x0a } else { 0 });
        work.push(name(done));
        Ok(())
    });
    work.sort();
    (verification.unwrap(), work)
}

fn work_of_failure(failure: &FailureWork) -> Vec<String> {
    let mut work = Vec::new();
    finish_failure(failure, None, "hunter2", &mut |done, _, _, _| {
        work.push(name(done));
        Ok(())
    })
    .unwrap();
    work.sort();
    work
}

fn argon2(memory: u32) -> String {
    // 32 bytes 0x0a.
    format!("$argon2id$v=19$m={memory},t=2,p=1$c29tZXNhbHQxNmJ5dGVzIQ$CgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgo")
}

fn scrypt() -> String {
    format!("s2:abcdefghij012345:{}", "0a".repeat(64))
}

fn legacy() -> String {
    format!("abcdefghij012345:{}", "0a".repeat(64))
}

#[test]
fn c14_c30_every_failure_does_the_same_work() {
    let malformed = [
        "",
        "plain",
        "s2",
        "s2::",
        "a:b:c:d",
        "$argon2id$",
        "$2a$10$abc",
        "$2b$10$abc",
        "$2y$",
        "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$aGFzaGhhc2g",
    ]
    .map(str::to_owned);
    let stored: Vec<String> =
        malformed.into_iter().chain([argon2(19_456), argon2(65_536), scrypt(), legacy()]).collect();
    for hashes in [&stored[..11], &stored[..12], &stored[..13], &stored[..]] {
        let failure = FailureWork::new(own());
        for hash in hashes {
            let (verification, work) = work_of_verify(&failure, hash, false);
            assert!(!verification.is_valid());
            assert_eq!(work, work_of_failure(&failure), "{hash}");
        }
        let expected = work_of_failure(&failure);
        assert_eq!(expected.len(), 1 + hashes.len() - 11, "one for each kind in the store");
        for hash in hashes {
            assert_eq!(work_of_verify(&failure, hash, false).1, expected, "{hash}");
        }
    }
}

#[test]
fn a_success_computes_one_hash() {
    let failure = FailureWork::new(own());
    for (hash, expected) in [
        (scrypt(), Verification::ValidButOutdated),
        (argon2(19_456), Verification::Valid),
        (argon2(8), Verification::ValidButOutdated),
    ] {
        let (verification, work) = work_of_verify(&failure, &hash, true);
        assert_eq!((verification, work.len()), (expected, 1));
    }
}

#[test]
fn a_far_more_expensive_hash_slows_down_only_its_own_failures() {
    let failure = FailureWork::new(own());
    for (memory, passes) in [(1 << 20, 4), (1 << 18, 1)] {
        let dear = argon2(memory).replace("t=2", &format!("t={passes}"));
        let own = work_of_failure(&failure);
        let (_, work) = work_of_verify(&failure, &dear, false);
        assert_eq!(work.len(), own.len() + 1, "it does its own work, and that of the others");
        assert_eq!(work_of_failure(&failure), own);
        assert_eq!(
            work_of_verify(&failure, &scrypt(), false).1,
            work_of_failure(&failure),
            "and others are met as before"
        );
    }
    // The hasher's own work writes 38,912 KiB.
    let own = FailureWork::new(own());
    for memory in [40_000, 40_001, 40_002] {
        work_of_verify(&own, &argon2(memory), true);
    }
    assert_eq!(work_of_failure(&own), ["argon2 m=19456 t=2", "argon2 m=40000 t=2"]);
    // The recorded work of one kind does not limit the other.
    work_of_verify(&own, &scrypt(), true);
    work_of_verify(&own, &legacy(), true);
    assert_eq!(work_of_failure(&own).len(), 4);
}

#[test]
fn recorded_hashes_slow_down_failures_up_to_a_bound() {
    let failure = FailureWork::new(own());
    for memory in 8..100 {
        work_of_verify(&failure, &argon2(memory), true);
    }
    assert_eq!(work_of_failure(&failure).len(), 5);
    assert_eq!(work_of_failure(&failure.clone()).len(), 5);
    work_of_verify(&failure, &scrypt(), true);
    assert_eq!(work_of_failure(&failure).len(), 6, "the other kind has its own bound");
}

#[test]
fn failure_work_can_be_computed() {
    for own in [own(), Work::LUCIA_SCRYPT] {
        let failure = FailureWork::new(own);
        failure.record(&Work::LEGACY_SCRYPT);
        let mut done = 0;
        finish_failure(&failure, None, "hunter2", &mut |work, password, salt, hash| {
            done += 1;
            assert!(!hash.is_empty());
            work.run(&Blocks::new(0), password, salt, hash)
        })
        .unwrap();
        assert_eq!(done, 2);
    }
}

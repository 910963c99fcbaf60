use lucia_core::HashedPassword;
use subtle::ConstantTimeEq;

use super::{
    PasswordError, Verification,
    blocks::Blocks,
    normalize::normalize,
    stored::Stored,
    work::{FailureWork, Work},
};

/// Computes one hash of a normalised password: [`Work::run`], or a recorder in tests.
pub(super) type Compute<'a> = dyn FnMut(&Work, &str, &[u8], &mut [u8]) -> Result<(), PasswordError> + 'a;

/// Compares a password with a hash of any known format. Every failure does the same work, unless the hash itself is far
/// more expensive than the hasher's own.
pub(super) fn verify(
    failure: &FailureWork,
    password: &str,
    hash: &HashedPassword,
    compute: &mut Compute<'_>,
) -> Result<Verification, PasswordError> {
    let password = normalize(password);
    let stored = match Stored::parse(hash.as_str()) {
        Stored::Known(stored) => stored,
        Stored::Unsupported => {
            return finish_failure(failure, None, &password, compute).map(|()| Verification::Unsupported);
        }
        Stored::Malformed => {
            return finish_failure(failure, None, &password, compute).map(|()| Verification::Invalid);
        }
    };
    failure.record(&stored.work);
    let mut computed = vec![0; stored.hash.len()];
    compute(&stored.work, &password, &stored.salt, &mut computed)?;
    if bool::from(computed.ct_eq(&stored.hash)) {
        let outdated = stored.is_weaker_than(failure.own());
        return Ok(if outdated { Verification::ValidButOutdated } else { Verification::Valid });
    }
    finish_failure(failure, Some(&stored.work), &password, compute).map(|()| Verification::Invalid)
}

/// Does the rest of the work of a failure, of which `done` was done.
pub(super) fn finish_failure(
    failure: &FailureWork,
    done: Option<&Work>,
    password: &str,
    compute: &mut Compute<'_>,
) -> Result<(), PasswordError> {
    for work in failure.all() {
        if !done.is_some_and(|done| done.costs_as_much_as(&work)) {
            compute(&work, password, b"unknown user", &mut vec![0; work.hash_len()])?;
        }
    }
    Ok(())
}

/// Returns the `compute` that does the work. Tests pass one that records it.
pub(super) fn run(memory: &Blocks) -> impl FnMut(&Work, &str, &[u8], &mut [u8]) -> Result<(), PasswordError> {
    move |work, password, salt, hash| {
        let result = work.run(memory, password, salt, hash);
        // Keeps the compiler from removing work whose result is not used.
        std::hint::black_box(&*hash);
        result
    }
}

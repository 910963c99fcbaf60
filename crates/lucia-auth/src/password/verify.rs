use lucia_core::HashedPassword;
use subtle::ConstantTimeEq;

use super::{
    PasswordError, Verification,
    blocks::Blocks,
    normalize::normalize,
    stored::Stored,
    work::{FailureWork, Work},
};

/// Computes one hash of a normalised password: [`Work::run`], or what a test puts in its place.
pub(super) type Compute<'a> = dyn FnMut(&Work, &str, &[u8], &mut [u8]) -> Result<(), PasswordError> + 'a;

/// Compares a password with a hash of any known format. Whichever way this fails, it does the same work (bug C14), unless the
/// hash itself is far dearer than the hasher's own.
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
            return waste(failure, None, &password, compute).map(|()| Verification::Unsupported);
        }
        Stored::Malformed => return waste(failure, None, &password, compute).map(|()| Verification::Invalid),
    };
    failure.meet(&stored.work);
    let mut computed = vec![0; stored.hash.len()];
    compute(&stored.work, &password, &stored.salt, &mut computed)?;
    if bool::from(computed.ct_eq(&stored.hash)) {
        let outdated = stored.is_weaker_than(failure.own());
        return Ok(if outdated { Verification::ValidButOutdated } else { Verification::Valid });
    }
    waste(failure, Some(&stored.work), &password, compute).map(|()| Verification::Invalid)
}

/// Does what is left of the work of a failure after `done`.
pub(super) fn waste(
    failure: &FailureWork,
    done: Option<&Work>,
    password: &str,
    compute: &mut Compute<'_>,
) -> Result<(), PasswordError> {
    for work in failure.all() {
        if !done.is_some_and(|done| done.costs_as_much_as(&work)) {
            compute(&work, password, b"no such user", &mut vec![0; work.hash_len()])?;
        }
    }
    Ok(())
}

/// [`verify`] and [`waste`] do the work itself but in tests, which look at what is to be done.
pub(super) fn run(memory: &Blocks) -> impl FnMut(&Work, &str, &[u8], &mut [u8]) -> Result<(), PasswordError> {
    move |work, password, salt, hash| {
        let result = work.run(memory, password, salt, hash);
        // So that the compiler does not drop work whose result nobody reads.
        std::hint::black_box(&*hash);
        result
    }
}

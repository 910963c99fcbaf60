use argon2::{
    Algorithm, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use lucia_core::HashedPassword;

use super::{
    PasswordError, PasswordHasher, Verification,
    normalize::normalize,
    stored::is_bounded,
    verify::{finish_failure, run, verify},
    work::{FailureWork, Work},
};
use crate::random::random_bytes;

const SALT_LEN: usize = 16;
const HASH_LEN: usize = 32;

/// Hashes with Argon2id, in the PHC string format. This is the hasher for new applications.
///
/// Defaults to 19 MiB of memory and two passes. Passwords are normalised to NFKC first, as in Lucia JS, which does not
/// change ASCII.
///
/// It also verifies the hashes of [`LuciaScrypt`](super::LuciaScrypt), and those of every Argon2 variant with the
/// parameters in the hash, up to 1 GiB of memory and 4 GiB over all passes.
///
/// ```
/// use lucia_auth::{Argon2id, PasswordHasher, Verification};
///
/// let hasher = Argon2id::default();
/// let hash = hasher.hash("correct horse")?;
/// assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
/// assert_eq!(hasher.verify("correct horse", &hash)?, Verification::Valid);
/// assert_eq!(hasher.verify("battery staple", &hash)?, Verification::Invalid);
/// # Ok::<(), lucia_auth::PasswordError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Argon2id {
    params: Params,
    failure: FailureWork,
}

impl Argon2id {
    /// Creates a hasher with `memory` in KiB, the number of passes over it, and the number of lanes, which are computed
    /// sequentially.
    ///
    /// # Errors
    /// Returns [`PasswordError::InvalidParameters`] for fewer than one pass, one lane or 8 KiB of memory per lane, and
    /// for more than this hasher would verify.
    ///
    /// ```
    /// use lucia_auth::{Argon2id, PasswordError};
    ///
    /// assert!(Argon2id::new(64 * 1024, 3, 1).is_ok());
    /// assert!(matches!(Argon2id::new(0, 3, 1), Err(PasswordError::InvalidParameters(_))));
    /// ```
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, PasswordError> {
        if !is_bounded(memory_kib, passes, lanes) {
            return Err(PasswordError::InvalidParameters(
                "Argon2 takes at most 1 GiB of memory, 4 GiB over all passes, and 64 lanes here",
            ));
        }
        let params = Params::new(memory_kib, passes, lanes, Some(HASH_LEN)).map_err(|_| {
            PasswordError::InvalidParameters("Argon2 takes at least one pass, one lane, and 8 KiB of memory per lane")
        })?;
        Ok(Self::from_params(params))
    }

    fn from_params(params: Params) -> Self {
        Self { failure: FailureWork::new(Work::argon2id(params.clone())), params }
    }
}

impl Default for Argon2id {
    fn default() -> Self {
        Self::from_params(Params::DEFAULT)
    }
}

impl PasswordHasher for Argon2id {
    fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError> {
        let salt = random_bytes::<SALT_LEN>().map_err(PasswordError::Random)?;
        let mut hash = [0; HASH_LEN];
        self.failure.own().run(self.failure.memory(), &normalize(password), &salt, &mut hash)?;
        encode(&self.params, &salt, &hash).map_err(PasswordError::hasher)
    }

    fn verify(&self, password: &str, hash: &HashedPassword) -> Result<Verification, PasswordError> {
        verify(&self.failure, password, hash, &mut run(self.failure.memory()))
    }

    fn verify_dummy(&self, password: &str) -> Result<(), PasswordError> {
        finish_failure(&self.failure, None, &normalize(password), &mut run(self.failure.memory()))
    }
}

fn encode(params: &Params, salt: &[u8], hash: &[u8]) -> Result<HashedPassword, argon2::password_hash::Error> {
    let phc = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params)?,
        salt: Some(Salt::new(salt)?),
        hash: Some(Output::new(hash)?),
    };
    Ok(HashedPassword::new(phc.to_string()))
}

use lucia_core::HashedPassword;

use super::{
    PasswordError, PasswordHasher, Verification,
    normalize::normalize,
    verify::{finish_failure, run, verify},
    work::{FailureWork, SCRYPT_HASH_LEN, Work},
};
use crate::{hex::hex, random::random_string};

const SALT_LEN: usize = 16;

/// Hashes with scrypt in the format of Lucia JS, `s2:salt:hash`. Use it while Lucia JS runs on the same tables.
///
/// N is 16384, r is 16 and p is 1, which takes 32 MiB of memory. Passwords are normalised to NFKC first.
///
/// It also verifies the hashes of Lucia's first versions, which lack the `s2`, and those of
/// [`Argon2id`](super::Argon2id).
///
/// ```
/// use lucia_auth::{HashedPassword, LuciaScrypt, PasswordHasher, Verification};
///
/// // A hash that Lucia JS stored.
/// let hash = HashedPassword::new(
///     "s2:abcdefghij012345:3c90229284a7e2090274059e30e287b5040ef0191bb13da6d24c89c743b14268\
///      356668d3c4abb2d67373e61007f0b327bddec10fdca8c0361379fd6325be8f68",
/// );
/// assert_eq!(LuciaScrypt::default().verify("123456", &hash)?, Verification::Valid);
/// # Ok::<(), lucia_auth::PasswordError>(())
/// ```
#[derive(Clone, Debug)]
pub struct LuciaScrypt {
    failure: FailureWork,
}

impl Default for LuciaScrypt {
    fn default() -> Self {
        Self { failure: FailureWork::new(Work::LUCIA_SCRYPT) }
    }
}

impl PasswordHasher for LuciaScrypt {
    fn hash(&self, password: &str) -> Result<HashedPassword, PasswordError> {
        let salt = random_string(SALT_LEN).map_err(PasswordError::Random)?;
        let mut hash = [0; SCRYPT_HASH_LEN];
        self.failure.own().run(self.failure.memory(), &normalize(password), salt.as_bytes(), &mut hash)?;
        Ok(encode(&salt, &hash))
    }

    fn verify(&self, password: &str, hash: &HashedPassword) -> Result<Verification, PasswordError> {
        verify(&self.failure, password, hash, &mut run(self.failure.memory()))
    }

    fn verify_dummy(&self, password: &str) -> Result<(), PasswordError> {
        finish_failure(&self.failure, None, &normalize(password), &mut run(self.failure.memory()))
    }
}

fn encode(salt: &str, hash: &[u8]) -> HashedPassword {
    HashedPassword::new(format!("s2:{salt}:{}", hex(hash)))
}

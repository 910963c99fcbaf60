//! Hashes of passwords: the formats that are known, and the engine that keeps hashing away from the async workers.

mod hasher;
mod normalize;
mod blocks;
mod work;
mod stored;
mod verify;
mod argon2id;
mod lucia_scrypt;
#[cfg_attr(target_family = "wasm", path = "inline_runner.rs")]
mod runner;
mod passwords;

pub(crate) use self::passwords::{DEFAULT_MAX_PASSWORD_LENGTH, Passwords};
pub use self::{
    argon2id::Argon2id,
    hasher::{PasswordError, PasswordHasher, Verification},
    lucia_scrypt::LuciaScrypt,
};

#[cfg(test)]
mod tests;

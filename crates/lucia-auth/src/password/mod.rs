//! Hashes of passwords: the formats that are known, and the engine that keeps hashing away from the async workers.

mod argon2id;
mod blocks;
mod engine;
mod error;
mod hasher;
mod lucia_scrypt;
mod normalize;
#[cfg_attr(target_family = "wasm", path = "inline_runner.rs")]
mod runner;
mod stored;
mod verify;
mod work;

pub(crate) use self::engine::{DEFAULT_MAX_PASSWORD_LENGTH, Passwords};
pub use self::{
    argon2id::Argon2id,
    error::PasswordError,
    hasher::{PasswordHasher, Verification},
    lucia_scrypt::LuciaScrypt,
};

#[cfg(test)]
mod tests;

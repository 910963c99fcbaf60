//! Hashes of passwords: the formats that are known, the rules for new ones, and the engine that keeps hashing away from
//! the async workers.

mod rejection;
mod hasher;
mod normalize;
mod context;
mod check;
#[cfg(feature = "zxcvbn")]
mod guesses;
mod rules;
mod blocks;
mod work;
mod stored;
mod verify;
mod argon2id;
mod lucia_scrypt;
mod origin;
#[cfg(not(target_family = "wasm"))]
mod queue;
#[cfg_attr(target_family = "wasm", path = "inline_runner.rs")]
mod runner;
mod config;
mod passwords;

pub use self::{
    argon2id::Argon2id,
    check::PasswordCheck,
    context::PasswordContext,
    hasher::{PasswordError, PasswordHasher, Verification},
    lucia_scrypt::LuciaScrypt,
    rejection::PasswordRejection,
    rules::PasswordRules,
};
pub(crate) use self::{config::PasswordConfig, origin::Origin, passwords::Passwords};

#[cfg(test)]
mod tests;

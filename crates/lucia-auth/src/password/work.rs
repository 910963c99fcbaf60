use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::{Algorithm, Argon2, Params, Version};

use super::{PasswordError, blocks::Blocks};

/// A hash function and its parameters, which determine how long one computation takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Argon2 {
        algorithm: Algorithm,
        version: Version,
        params: Params,
    },
    /// Lucia's parameters. `r` was 8 before hashes had a version.
    Scrypt {
        r: u32,
    },
}

/// The length of Lucia's scrypt hashes.
pub(super) const SCRYPT_HASH_LEN: usize = 64;

/// log2 of Lucia's N.
const SCRYPT_LOG_N: u8 = 14;

impl Work {
    pub(super) const LUCIA_SCRYPT: Self = Self::Scrypt { r: 16 };
    pub(super) const LEGACY_SCRYPT: Self = Self::Scrypt { r: 8 };

    pub(super) const fn argon2id(params: Params) -> Self {
        Self::Argon2 { algorithm: Algorithm::Argon2id, version: Version::V0x13, params }
    }

    /// Computes the hash of a normalised password.
    pub(super) fn run(
        &self,
        memory: &Blocks,
        password: &str,
        salt: &[u8],
        hash: &mut [u8],
    ) -> Result<(), PasswordError> {
        match self {
            Self::Argon2 { algorithm, version, params } => {
                let argon2 = Argon2::new(*algorithm, *version, params.clone());
                memory
                    .lend(self.blocks(), |blocks| {
                        argon2.hash_password_into_with_memory(password.as_bytes(), salt, hash, blocks)
                    })
                    .map_err(PasswordError::hasher)
            }
            Self::Scrypt { r } => {
                let params = scrypt::Params::new(SCRYPT_LOG_N, *r, 1).map_err(PasswordError::hasher)?;
                scrypt::scrypt(password.as_bytes(), salt, &params, hash).map_err(PasswordError::hasher)
            }
        }
    }

    /// Returns the length of the hash, which influences Argon2's computation.
    pub(super) fn hash_len(&self) -> usize {
        match self {
            Self::Argon2 { params, .. } => params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN),
            Self::Scrypt { .. } => SCRYPT_HASH_LEN,
        }
    }

    /// Returns the number of KiB written, to which the time of both functions is proportional.
    fn cost(&self) -> u64 {
        match self {
            Self::Argon2 { params, .. } => u64::from(params.m_cost()) * u64::from(params.t_cost()),
            // N blocks of 128 r bytes are filled once and mixed once.
            Self::Scrypt { r } => (2 << SCRYPT_LOG_N) * u64::from(*r) / 8,
        }
    }

    /// Returns the number of Argon2 blocks. The scrypt crate allocates its own memory.
    fn blocks(&self) -> usize {
        match self {
            Self::Argon2 { params, .. } => params.block_count(),
            Self::Scrypt { .. } => 0,
        }
    }

    fn is_of_the_same_kind_as(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Argon2 { .. }, Self::Argon2 { .. }) | (Self::Scrypt { .. }, Self::Scrypt { .. }))
    }

    /// Returns `true` if both take the same time and memory.
    pub(super) fn costs_as_much_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Argon2 { params: one, .. }, Self::Argon2 { params: two, .. }) => {
                (one.m_cost(), one.t_cost()) == (two.m_cost(), two.t_cost())
            }
            (Self::Scrypt { r: one }, Self::Scrypt { r: two }) => one == two,
            (Self::Argon2 { .. }, Self::Scrypt { .. }) | (Self::Scrypt { .. }, Self::Argon2 { .. }) => false,
        }
    }
}

/// The work of a failed verification: the hasher's own, and that of other hashes that it has verified.
///
/// While the store holds two kinds of hashes, as during a migration, each failure does both kinds of work. Otherwise a
/// wrong password for an old hash would take another time than an unknown key.
///
/// The recorded work of Argon2 and of scrypt each add at most [`MAX_ADDED`] times the hasher's own work. A hash beyond
/// that makes only its own failures slower.
#[derive(Debug)]
pub(super) struct FailureWork {
    own: Work,
    recorded: Mutex<Vec<Work>>,
    memory: Blocks,
}

/// How many times its own work a hasher adds to every failure for each kind of recorded hashes. This allows Lucia's
/// scrypt beside Argon2id with its default parameters, and the reverse.
const MAX_ADDED: u64 = 4;

/// How many different parameters of each kind are recorded.
const MAX_RECORDED: usize = 4;

impl FailureWork {
    pub(super) fn new(own: Work) -> Self {
        let memory = Blocks::new(own.blocks());
        Self { own, recorded: Mutex::new(Vec::new()), memory }
    }

    pub(super) const fn own(&self) -> &Work {
        &self.own
    }

    pub(super) const fn memory(&self) -> &Blocks {
        &self.memory
    }

    /// Adds this work to every later failure, within the bounds.
    pub(super) fn record(&self, work: &Work) {
        let mut recorded = self.recorded();
        let known = self.own.costs_as_much_as(work) || recorded.iter().any(|other| other.costs_as_much_as(work));
        let same_kind: Vec<_> = recorded.iter().filter(|other| other.is_of_the_same_kind_as(work)).collect();
        let added = same_kind.iter().map(|other| other.cost()).sum::<u64>() + work.cost();
        if !known && same_kind.len() < MAX_RECORDED && added <= MAX_ADDED * self.own.cost() {
            recorded.push(work.clone());
        }
    }

    pub(super) fn all(&self) -> Vec<Work> {
        let mut all = vec![self.own.clone()];
        all.extend_from_slice(&self.recorded());
        all
    }

    /// Ignores poisoning: nothing panics while it holds the lock.
    fn recorded(&self) -> MutexGuard<'_, Vec<Work>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for FailureWork {
    fn clone(&self) -> Self {
        Self { recorded: Mutex::new(self.recorded().clone()), ..Self::new(self.own.clone()) }
    }
}

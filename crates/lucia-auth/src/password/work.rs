use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::{Algorithm, Argon2, Params, Version};

use super::{PasswordError, blocks::Blocks};

/// One computation of a hash: a function and its parameters. It decides how long the computation takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Argon2 {
        algorithm: Algorithm,
        version: Version,
        params: Params,
    },
    /// Lucia's parameters, but for `r`, which was 8 before there was a version in the hash.
    Scrypt {
        r: u32,
    },
}

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

    /// The length of the hash, where it influences the computation.
    pub(super) fn hash_len(&self) -> usize {
        match self {
            Self::Argon2 { params, .. } => params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN),
            Self::Scrypt { .. } => super::stored::SCRYPT_HASH_LEN,
        }
    }

    /// Kibibytes that are written, which is what the time of both functions goes by.
    fn cost(&self) -> u64 {
        match self {
            Self::Argon2 { params, .. } => u64::from(params.m_cost()) * u64::from(params.t_cost()),
            // N blocks of 128 r bytes, which are filled once and mixed once.
            Self::Scrypt { r } => (2 << SCRYPT_LOG_N) * u64::from(*r) / 8,
        }
    }

    /// Argon2's blocks. scrypt's crate takes no memory of its caller's.
    fn blocks(&self) -> usize {
        match self {
            Self::Argon2 { params, .. } => params.block_count(),
            Self::Scrypt { .. } => 0,
        }
    }

    fn is_of_the_same_kind_as(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Argon2 { .. }, Self::Argon2 { .. }) | (Self::Scrypt { .. }, Self::Scrypt { .. }))
    }

    /// Whether both take the same time and memory.
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

/// The work that a verification which fails has to do: a hasher's own, and that of other hashes it has met.
///
/// While users of two kinds of hashes are in the store, as in the course of a migration, each failure does both kinds of
/// work. Otherwise a wrong password for a hash of the old kind would take another time than an unknown key.
///
/// What was met of Argon2 and what was met of scrypt each add at most [`MAX_ADDED`] times the hasher's own work. A hash
/// beyond that costs its own failures more, and nobody else's.
#[derive(Debug)]
pub(super) struct FailureWork {
    own: Work,
    met: Mutex<Vec<Work>>,
    memory: Blocks,
}

/// So many times its own work a hasher adds to every failure for what it has met of one kind: enough for Lucia's scrypt beside
/// Argon2id with its default parameters, and the reverse.
const MAX_ADDED: u64 = 4;

/// So many different hashes of each kind are remembered.
const MAX_MET: usize = 4;

impl FailureWork {
    pub(super) fn new(own: Work) -> Self {
        let memory = Blocks::new(own.blocks());
        Self { own, met: Mutex::new(Vec::new()), memory }
    }

    pub(super) const fn own(&self) -> &Work {
        &self.own
    }

    pub(super) const fn memory(&self) -> &Blocks {
        &self.memory
    }

    /// From now on every failure costs this, too, if that is not too much.
    pub(super) fn meet(&self, work: &Work) {
        let mut met = self.met();
        let known = self.own.costs_as_much_as(work) || met.iter().any(|met| met.costs_as_much_as(work));
        let same_kind: Vec<_> = met.iter().filter(|met| met.is_of_the_same_kind_as(work)).collect();
        let added = same_kind.iter().map(|met| met.cost()).sum::<u64>() + work.cost();
        if !known && same_kind.len() < MAX_MET && added <= MAX_ADDED * self.own.cost() {
            met.push(work.clone());
        }
    }

    pub(super) fn all(&self) -> Vec<Work> {
        let mut all = vec![self.own.clone()];
        all.extend_from_slice(&self.met());
        all
    }

    /// Nothing panics while it holds the lock.
    fn met(&self) -> MutexGuard<'_, Vec<Work>> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for FailureWork {
    fn clone(&self) -> Self {
        Self { met: Mutex::new(self.met().clone()), ..Self::new(self.own.clone()) }
    }
}

use argon2::{Algorithm, Params, Version, password_hash::phc::PasswordHash};

use super::work::{SCRYPT_HASH_LEN, Work};

/// In KiB: above the strongest recommendation for interactive use.
const MAX_ARGON2_MEMORY: u32 = 1 << 20;

/// Memory times passes: bounds the time that a stored hash may take to some seconds.
const MAX_ARGON2_WORK: u64 = 4 << 20;

const MAX_ARGON2_LANES: u32 = 64;

/// A parsed hash: how it was computed, and from which salt.
pub(super) struct StoredHash {
    pub(super) work: Work,
    pub(super) salt: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

/// A stored text, parsed.
pub(super) enum Stored {
    Known(StoredHash),
    /// bcrypt, which Lucia used before its versioned hashes.
    Unsupported,
    Malformed,
}

impl Stored {
    pub(super) fn parse(text: &str) -> Self {
        if is_bcrypt(text) {
            return Self::Unsupported;
        }
        let known = if text.starts_with("$argon2") { parse_argon2(text) } else { parse_scrypt(text) };
        known.map_or(Self::Malformed, Self::Known)
    }
}

impl StoredHash {
    /// Returns `true` if a hash computed by `own` should replace this one.
    pub(super) fn is_weaker_than(&self, own: &Work) -> bool {
        match (&self.work, own) {
            (
                Work::Argon2 { algorithm, version, params },
                Work::Argon2 { algorithm: own_algorithm, version: own_version, params: own },
            ) => {
                let work = |params: &Params| u64::from(params.m_cost()) * u64::from(params.t_cost());
                algorithm != own_algorithm
                    || version != own_version
                    || params.m_cost() < own.m_cost()
                    || work(params) < work(own)
                    || self.hash.len() < own.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)
            }
            (one, own) => one != own,
        }
    }
}

/// Returns `true` if Argon2 with these parameters takes an acceptable time and memory.
pub(super) fn is_bounded(memory_kib: u32, passes: u32, lanes: u32) -> bool {
    memory_kib <= MAX_ARGON2_MEMORY
        && lanes <= MAX_ARGON2_LANES
        && u64::from(memory_kib) * u64::from(passes) <= MAX_ARGON2_WORK
}

/// Recognises every revision of bcrypt's prefix.
fn is_bcrypt(text: &str) -> bool {
    ["$2$", "$2a$", "$2b$", "$2x$", "$2y$"].iter().any(|prefix| text.starts_with(prefix))
}

fn parse_argon2(text: &str) -> Option<StoredHash> {
    let parsed = PasswordHash::new(text).ok()?;
    let algorithm = Algorithm::new(parsed.algorithm.as_str()).ok()?;
    // A hash without a version predates the second one.
    let version = Version::try_from(parsed.version.unwrap_or(Version::V0x10.into())).ok()?;
    let params = Params::try_from(&parsed).ok()?;
    let bounded = is_bounded(params.m_cost(), params.t_cost(), params.p_cost());
    let (salt, hash) = (parsed.salt?, parsed.hash?);
    (bounded && salt.len() >= argon2::MIN_SALT_LEN).then(|| StoredHash {
        work: Work::Argon2 { algorithm, version, params },
        salt: salt.to_vec(),
        hash: hash.as_bytes().to_vec(),
    })
}

/// Parses `s2:salt:hash`, or `salt:hash` of Lucia's first versions. The salt is used as text, not decoded.
fn parse_scrypt(text: &str) -> Option<StoredHash> {
    let mut parts = text.split(':');
    let (work, salt, hash) = match (parts.next()?, parts.next()?, parts.next(), parts.next()) {
        ("s2", salt, Some(hash), None) => (Work::LUCIA_SCRYPT, salt, hash),
        (salt, hash, None, None) => (Work::LEGACY_SCRYPT, salt, hash),
        _ => return None,
    };
    Some(StoredHash { work, salt: salt.as_bytes().to_vec(), hash: from_lower_hex(hash)? })
}

/// Rejects upper-case digits: Lucia compares the text, so they never match there.
fn from_lower_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if text.len() != 2 * SCRYPT_HASH_LEN {
        return None;
    }
    text.as_bytes().chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

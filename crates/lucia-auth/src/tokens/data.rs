use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use lucia_core::{AdapterError, AdapterErrorKind, HashedPassword, KeyId, KeySchema, TokenId, TokenSchema};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{OneTimeToken, digest::digest};
use crate::{Error, ThrottleKey, random::random_bytes};

const SALT_LEN: usize = 16;
/// The length to which HMAC-SHA256 pads its key.
const BLOCK_LEN: usize = 64;

/// What a stored token is bound to, as JSON in its `data`.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Data {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bound_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<BoundKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<HashedCode>,
}

/// A key as it was when the token was issued.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct BoundKey {
    pub(super) id: KeyId,
    /// The digest of the password's hash.
    password: Option<String>,
}

/// A code of six digits, salted and hashed.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct HashedCode {
    pub(super) salt: String,
    mac: String,
}

impl Data {
    pub(super) fn parse(token: &TokenSchema) -> Result<Self, Error> {
        let data = serde_json::from_str(&token.data);
        data.map_err(|error| AdapterError::new(AdapterErrorKind::Decode).with_source(error).into())
    }

    pub(super) fn to_json(&self) -> String {
        // Strings and structs always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl BoundKey {
    pub(super) fn new(row: &KeySchema) -> Self {
        Self { id: row.id.clone(), password: row.hashed_password.as_ref().map(digest_of_hash) }
    }

    /// Returns `true` if the key has the password that it had, or the lock of a reset with this token.
    pub(super) fn holds_for(&self, row: &KeySchema, token_id: &TokenId) -> bool {
        let password = row.hashed_password.as_ref();
        self.password == password.map(digest_of_hash) || password == Some(&lock(token_id))
    }
}

/// Returns the text that replaces the hash of a password during its reset. No password matches it.
pub(super) fn lock(token_id: &TokenId) -> HashedPassword {
    HashedPassword::new(format!("!{}", token_id.as_str()))
}

/// A salted hash cannot be guessed, so its digest does not need a salt.
fn digest_of_hash(hash: &HashedPassword) -> String {
    digest(hash.as_str())
}

impl HashedCode {
    pub(super) fn new(code: &OneTimeToken, key: Option<&ThrottleKey>) -> Result<Self, Error> {
        let salt = URL_SAFE_NO_PAD.encode(random_bytes::<SALT_LEN>().map_err(Error::Random)?);
        let mac = URL_SAFE_NO_PAD.encode(mac(key, &salt, code.as_str()).finalize().into_bytes());
        Ok(Self { salt, mac })
    }

    /// Compares in constant time.
    pub(super) fn verify(&self, code: &str, key: Option<&ThrottleKey>) -> bool {
        let expected = URL_SAFE_NO_PAD.decode(&self.mac).unwrap_or_default();
        mac(key, &self.salt, code).verify_slice(&expected).is_ok()
    }
}

/// Without the application's key, whoever has the salt can try all codes.
fn mac(key: Option<&ThrottleKey>, salt: &str, code: &str) -> Hmac<Sha256> {
    let secret = key.map_or_else(|| salt.to_owned(), |key| key.counter("code", &[salt.as_bytes()]));
    let mut block = [0; BLOCK_LEN];
    for (byte, of_secret) in block.iter_mut().zip(secret.bytes()) {
        *byte = of_secret;
    }
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(code.as_bytes());
    mac
}

//! The responses to the requests of an operation, hashed as far as they determine its next request.

use std::hash::{DefaultHasher, Hash};

use crate::broken::Write;

/// The random texts in the values that operations have written. They differ between two runs.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    /// The operation that wrote each of them first.
    known: Vec<(String, usize)>,
}

impl Nonces {
    /// Learns the nonce in a value that an operation writes.
    pub(crate) fn learn(&mut self, actor: usize, write: &Write) {
        let Some((value, _)) = &write.value else { return };
        let nonce = if write.key.starts_with("user_session_revoked:") {
            let mark: serde_json::Value = serde_json::from_slice(value).unwrap();
            Some(mark["epoch"].as_str().unwrap().to_owned())
        } else {
            let line = value.iter().rposition(|byte| *byte == b'\n');
            line.map(|end| String::from_utf8(value[end + 1..].to_vec()).unwrap())
        };
        let is_new = |nonce: &String| self.known.iter().all(|(known, _)| known != nonce);
        if let Some(nonce) = nonce.filter(is_new) {
            self.known.push((nonce, actor));
        }
    }

    /// Replaces the nonce in a value by its writer, and the number of those that it wrote before.
    pub(crate) fn canonical(&self, value: &[u8]) -> Vec<u8> {
        let found = self.known.iter().enumerate().find_map(|(index, (nonce, actor))| {
            let at = value.windows(nonce.len()).position(|window| window == nonce.as_bytes())?;
            let number = self.known[..index].iter().filter(|(_, other)| other == actor).count();
            Some([&value[..at], format!("<{actor} {number}>").as_bytes(), &value[at + nonce.len()..]].concat())
        });
        found.unwrap_or_else(|| value.to_vec())
    }
}

pub(crate) trait Answer {
    fn hash_into(&self, nonces: &Nonces, state: &mut DefaultHasher);
}

impl Answer for Option<Vec<u8>> {
    fn hash_into(&self, nonces: &Nonces, state: &mut DefaultHasher) {
        self.as_ref().map(|value| nonces.canonical(value)).hash(state);
    }
}

impl Answer for Vec<Option<Vec<u8>>> {
    fn hash_into(&self, nonces: &Nonces, state: &mut DefaultHasher) {
        self.iter().for_each(|value| value.hash_into(nonces, state));
    }
}

impl Answer for Vec<String> {
    fn hash_into(&self, _: &Nonces, state: &mut DefaultHasher) {
        self.hash(state);
    }
}

impl Answer for () {
    fn hash_into(&self, _: &Nonces, _: &mut DefaultHasher) {}
}

/// The response to a write, and the writes that follow it.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Whether the condition held. `None` if the response is lost.
    pub(crate) outcome: Option<bool>,
    /// Whether the write is repeated.
    pub(crate) again: bool,
    /// The writes that a broken store makes later.
    pub(crate) due: Vec<Write>,
}

impl Answer for Written {
    fn hash_into(&self, nonces: &Nonces, state: &mut DefaultHasher) {
        (self.outcome, self.again).hash(state);
        for write in &self.due {
            write.hash_into(nonces, state);
        }
    }
}

impl Answer for Write {
    fn hash_into(&self, nonces: &Nonces, state: &mut DefaultHasher) {
        self.key.hash(state);
        self.value.as_ref().map(|(value, expires)| (nonces.canonical(value), expires)).hash(state);
    }
}

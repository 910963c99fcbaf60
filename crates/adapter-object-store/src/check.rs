use lucia_core::{
    AdapterError, AdapterErrorKind as Kind, UnixMillis,
    kv::{
        KvCondition::{Absent, Version},
        KvStore as _,
    },
};

use crate::{error::ObjectStoreError, setup_error::SetupError, store::ObjectKvStore};

/// The prefix of the keys of checks. No other key has it: the prefixes of a layout do not contain `~`.
const PREFIX: &str = "check~:";

impl ObjectKvStore {
    /// Checks the bucket with an object whose name nobody else uses. It is deleted at the end.
    pub(crate) async fn check(&self) -> Result<(), SetupError> {
        let number = getrandom::u64().map_err(|_| SetupError::Unsuitable { reason: "the system has no randomness" })?;
        let key = format!("{PREFIX}{number:016x}");
        let outcome = self.check_with(&key).await;
        if outcome.is_err() {
            let _ = self.delete(&key).await;
        }
        outcome
    }

    async fn check_with(&self, key: &str) -> Result<(), SetupError> {
        let never = UnixMillis::MAX;
        holds(self.put_if(key, b"1", never, &Absent).await?, "a new object was not stored")?;
        holds(!self.put_if(key, b"2", never, &Absent).await?, "an object was created although it exists")?;
        let (value, version) = self.get_versioned(key).await?.ok_or(NOT_READ)?;
        holds(value == b"1", "an object was created although it exists")?;
        let unchanged = Version(version);
        holds(self.put_if(key, b"3", never, &unchanged).await?, "an unchanged object was not replaced")?;
        holds(!self.put_if(key, b"4", never, &unchanged).await?, "a changed object was replaced")?;
        let (value, version) = self.get_versioned(key).await?.ok_or(NOT_READ)?;
        holds(value == b"3", "a changed object was replaced")?;
        holds(
            self.list(PREFIX, None).await?.keys.iter().any(|listed| listed == key),
            "a stored object was not listed",
        )?;
        self.delete(key).await?;
        holds(self.get(key).await?.is_none(), "a deleted object was read")?;
        let recreated = self.put_if(key, b"5", never, &Version(version)).await?;
        holds(!recreated, "a deleted object was replaced")
    }
}

const NOT_READ: SetupError = SetupError::Unsuitable { reason: "a stored object was not found" };

fn holds(condition: bool, reason: &'static str) -> Result<(), SetupError> {
    if condition { Ok(()) } else { Err(SetupError::Unsuitable { reason }) }
}

impl From<AdapterError> for SetupError {
    fn from(error: AdapterError) -> Self {
        let is_unimplemented = error.downcast_ref() == Some(&ObjectStoreError::Unimplemented);
        if error.kind() == Kind::Backend && is_unimplemented {
            return Self::Unsuitable { reason: "it does not implement conditional writes" };
        }
        Self::Unavailable(error)
    }
}

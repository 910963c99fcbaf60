use futures_util::future::join_all;
use lucia_core::{
    AdapterError, AdapterErrorKind as Kind, UnixMillis,
    kv::{
        KvCondition::{self, Absent, Version},
        KvStore, KvVersion,
    },
};

use crate::{error::ObjectStoreError, setup_error::SetupError};

/// The prefix of the keys of probes. No other key has it: the prefixes of a layout do not contain `~`.
const PREFIX: &str = "check~:";

/// The number of parallel writes of which one must win.
const RACERS: usize = 4;

/// An object by which a bucket is checked: whether it can be read, written and listed, and whether the service keeps to the
/// conditions of writes, one after another and in parallel.
pub(crate) struct Probe<'a> {
    store: &'a dyn KvStore,
    /// Nobody else uses it.
    key: String,
}

impl<'a> Probe<'a> {
    pub(crate) fn new(store: &'a dyn KvStore) -> Result<Self, SetupError> {
        let number = getrandom::u64().map_err(|_| SetupError::Unsuitable { reason: "the system has no randomness" })?;
        Ok(Self { store, key: format!("{PREFIX}{number:016x}") })
    }

    /// Checks the bucket, and deletes the object.
    pub(crate) async fn run(self) -> Result<(), SetupError> {
        let outcome = self.check().await;
        if outcome.is_err() {
            let _ = self.store.delete(&self.key).await;
        }
        outcome
    }

    async fn check(&self) -> Result<(), SetupError> {
        let (store, key, never) = (self.store, self.key.as_str(), UnixMillis::MAX);
        holds(
            store.put_if(key, b"1", never, &Absent).await.map_err(at("creating an object"))?,
            "a new object was not stored",
        )?;
        holds(
            !store.put_if(key, b"2", never, &Absent).await.map_err(at("creating an object"))?,
            "an object was created although it exists",
        )?;
        let (value, version) = store.get_versioned(key).await.map_err(at("reading an object"))?.ok_or(NOT_READ)?;
        holds(value == b"1", "an object was created although it exists")?;
        let unchanged = Version(version);
        holds(
            store.put_if(key, b"3", never, &unchanged).await.map_err(at("replacing an object"))?,
            "an unchanged object was not replaced",
        )?;
        holds(
            !store.put_if(key, b"4", never, &unchanged).await.map_err(at("replacing an object"))?,
            "a changed object was replaced",
        )?;
        let (value, version) = store.get_versioned(key).await.map_err(at("reading an object"))?.ok_or(NOT_READ)?;
        holds(value == b"3", "a changed object was replaced")?;
        let version = self.race(&Version(version)).await?;
        holds(
            store.list(PREFIX, None).await.map_err(at("listing its objects"))?.keys.iter().any(|listed| listed == key),
            "a stored object was not listed",
        )?;
        store.delete(key).await.map_err(at("deleting an object"))?;
        holds(store.get(key).await.map_err(at("reading an object"))?.is_none(), "a deleted object was read")?;
        let recreated = store.put_if(key, b"5", never, &Version(version)).await.map_err(at("replacing an object"))?;
        holds(!recreated, "a deleted object was replaced")?;
        self.race(&Absent).await?;
        store.delete(key).await.map_err(at("deleting an object"))
    }

    /// Makes parallel writes with one condition, of which one must be executed. Returns the version that it wrote.
    ///
    /// A service that compares and writes in two steps executes several.
    async fn race(&self, condition: &KvCondition) -> Result<KvVersion, SetupError> {
        let values: Vec<_> = (0..RACERS).map(|number| format!("racer {number}").into_bytes()).collect();
        let writes = values.iter().map(|value| self.store.put_if(&self.key, value, UnixMillis::MAX, condition));
        let (mut winners, mut failure) = (Vec::new(), None);
        for (value, outcome) in values.iter().zip(join_all(writes).await) {
            match outcome {
                Ok(true) => winners.push(value),
                Ok(false) => {}
                // Some services refuse all but one of the requests that wait for a name.
                Err(error) => failure = Some(error),
            }
        }
        if let (true, Some(error)) = (winners.is_empty(), failure) {
            return Err(at("one of several parallel writes")(error));
        }
        holds(winners.len() < 2, "several parallel writes with one condition were executed")?;
        holds(!winners.is_empty(), "none of several parallel writes with one condition was executed")?;
        let (value, version) =
            self.store.get_versioned(&self.key).await.map_err(at("reading an object"))?.ok_or(NOT_READ)?;
        holds(winners.contains(&&value), "a parallel write that was refused was executed")?;
        Ok(version)
    }
}

const NOT_READ: SetupError = SetupError::Unsuitable { reason: "a stored object was not found" };

fn holds(condition: bool, reason: &'static str) -> Result<(), SetupError> {
    if condition { Ok(()) } else { Err(SetupError::Unsuitable { reason }) }
}

/// Returns the conversion of the error of a request.
fn at(request: &'static str) -> impl Fn(AdapterError) -> SetupError {
    move |source| {
        let is_unimplemented = source.downcast_ref() == Some(&ObjectStoreError::Unimplemented);
        if source.kind() == Kind::Backend && is_unimplemented {
            return SetupError::Unsuitable { reason: "it does not implement conditional writes" };
        }
        SetupError::Unavailable { request, source }
    }
}

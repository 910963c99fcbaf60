use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    future::poll_fn,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
};

use lucia_core::{AdapterErrorKind as Kind, Clock, ManualClock, UnixMillis};

/// The value of a key.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Bytes(Vec<u8>),
    Set(BTreeSet<String>),
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) value: Value,
    pub(crate) expires: Option<UnixMillis>,
}

/// The keys and values of a server. Each method is a command.
#[derive(Clone, Debug)]
pub(crate) struct Data {
    entries: BTreeMap<String, Entry>,
    writes_until_failure: Option<usize>,
    now: UnixMillis,
}

pub(crate) type StoreResult<T> = Result<T, Failure>;

/// The error of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    WrongType,
    Outage,
}

impl From<Failure> for Kind {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::WrongType => Self::Decode,
            Failure::Outage => Self::Unavailable,
        }
    }
}

impl Data {
    pub(crate) fn now(&self) -> UnixMillis {
        self.now
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key).filter(|entry| entry.expires.is_none_or(|expires| self.now <= expires))
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.entries.keys().cloned().collect()
    }

    pub(crate) fn get(&self, key: &str) -> StoreResult<Option<Vec<u8>>> {
        match self.entry(key).map(|entry| &entry.value) {
            Some(Value::Bytes(bytes)) => Ok(Some(bytes.clone())),
            Some(Value::Set(_)) => Err(Failure::WrongType),
            None => Ok(None),
        }
    }

    pub(crate) fn set(&mut self, key: &str, bytes: Vec<u8>, expires: Option<UnixMillis>) -> StoreResult<()> {
        self.write()?;
        self.entries.insert(key.to_owned(), Entry { value: Value::Bytes(bytes), expires });
        Ok(())
    }

    pub(crate) fn delete(&mut self, key: &str) -> StoreResult<()> {
        self.write()?;
        self.entries.remove(key);
        Ok(())
    }

    pub(crate) fn members(&self, key: &str) -> StoreResult<Vec<String>> {
        match self.entry(key).map(|entry| &entry.value) {
            Some(Value::Set(members)) => Ok(members.iter().cloned().collect()),
            Some(Value::Bytes(_)) => Err(Failure::WrongType),
            None => Ok(Vec::new()),
        }
    }

    /// Adds a member to a set that lives at least until `expires`.
    pub(crate) fn add(&mut self, key: &str, member: &str, expires: UnixMillis) -> StoreResult<()> {
        self.write()?;
        if self.entry(key).is_none() {
            self.entries.remove(key);
        }
        let empty = || Entry { value: Value::Set(BTreeSet::new()), expires: Some(expires) };
        let entry = self.entries.entry(key.to_owned()).or_insert_with(empty);
        let Value::Set(members) = &mut entry.value else {
            return Err(Failure::WrongType);
        };
        members.insert(member.to_owned());
        entry.expires = entry.expires.max(Some(expires));
        Ok(())
    }

    pub(crate) fn remove(&mut self, key: &str, member: &str) -> StoreResult<()> {
        self.write()?;
        if let Some(Entry { value: Value::Set(members), .. }) = self.entries.get_mut(key) {
            members.remove(member);
            if members.is_empty() {
                self.entries.remove(key);
            }
        }
        Ok(())
    }

    pub(crate) fn insert(&mut self, key: &str, entry: Entry) {
        self.entries.insert(key.to_owned(), entry);
    }

    /// Restores the members of the sets.
    pub(crate) fn restore_sets(&mut self, before: &Self) {
        for (key, entry) in &before.entries {
            let Value::Set(members) = &entry.value else { continue };
            let stored = self.entries.entry(key.clone()).or_insert_with(|| entry.clone());
            if let Value::Set(stored) = &mut stored.value {
                stored.extend(members.iter().cloned());
            }
        }
    }

    pub(crate) fn fail_write(&mut self, nth: usize) {
        self.writes_until_failure = Some(nth);
    }

    fn write(&mut self) -> StoreResult<()> {
        match &mut self.writes_until_failure {
            Some(1) => {
                self.writes_until_failure = None;
                Err(Failure::Outage)
            }
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// A server that runs one command or one script at a time.
#[derive(Clone)]
pub(crate) struct Server {
    data: Arc<Mutex<Data>>,
    clock: Arc<ManualClock>,
}

impl Server {
    pub(crate) fn new(clock: Arc<ManualClock>) -> Self {
        let data = Data { entries: BTreeMap::new(), writes_until_failure: None, now: clock.now() };
        Self { data: Arc::new(Mutex::new(data)), clock }
    }

    /// Returns a copy of all keys.
    pub(crate) fn peek(&self) -> Data {
        self.data.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs one command. Other waiting tasks run before the answer arrives.
    pub(crate) async fn command<T>(&self, run: impl FnOnce(&mut Data) -> T) -> T {
        let answer = {
            let mut data = self.data.lock().unwrap_or_else(PoisonError::into_inner);
            data.now = self.clock.now();
            run(&mut data)
        };
        let_others_run().await;
        answer
    }

    /// Runs several commands atomically. A failure changes nothing.
    pub(crate) async fn script<T>(&self, run: impl FnOnce(&mut Data) -> Result<T, Kind>) -> Result<T, Kind> {
        self.command(|data| {
            // Scripts check before they write, so only a failing write has to be undone.
            let before = data.writes_until_failure.map(|_| data.entries.clone());
            let outcome = run(data);
            if let (Err(_), Some(before)) = (&outcome, before) {
                data.entries = before;
            }
            outcome
        })
        .await
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server")
    }
}

async fn let_others_run() {
    let mut waited = false;
    poll_fn(|cx| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

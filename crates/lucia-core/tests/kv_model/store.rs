//! A store whose every request waits until it is granted.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    future::poll_fn,
    hash::{DefaultHasher, Hash, Hasher},
    mem,
    sync::{Arc, Mutex, MutexGuard},
    task::Poll,
};

use lucia_core::{
    AdapterResult, Clock, ManualClock, UnixMillis, async_trait,
    kv::{KvPage, KvStore},
};

use crate::broken::{Broken, Write};

pub(crate) type Entries = BTreeMap<String, (Vec<u8>, UnixMillis)>;

/// The granularity of a store's reads. A listing is never a snapshot: each page has one key, and is a separate request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Granularity {
    /// Each key is read by a separate request.
    Keys,
    /// Each key is read by a separate request, the last one first. Stores that send requests concurrently read in any
    /// order.
    KeysFromTheLast,
    /// Keys that are requested together are read together.
    Pages,
}

/// The keys that a request reads or writes.
#[derive(Clone, Debug)]
enum Access {
    Read(Vec<String>),
    List(String),
    Write(String),
}

impl Access {
    fn reads(&self, written: &str) -> bool {
        match self {
            Self::Read(keys) => keys.iter().any(|key| key == written),
            Self::List(prefix) => written.starts_with(prefix),
            Self::Write(_) => false,
        }
    }

    fn depends_on(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Write(one), Self::Write(other)) => one == other,
            (Self::Write(written), read) | (read, Self::Write(written)) => read.reads(written),
            (Self::Read(_) | Self::List(_), Self::Read(_) | Self::List(_)) => false,
        }
    }
}

/// The content of the store, and what each operation has read.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) entries: Entries,
    /// The operation whose request is granted.
    pub(crate) actor: usize,
    /// Requests do not wait.
    pub(crate) free: bool,
    /// A hash of the responses to each operation, which determine its next request.
    pub(crate) seen: Vec<DefaultHasher>,
    /// The next request of each operation.
    next: BTreeMap<usize, Access>,
    /// The operations whose next request is a write.
    pub(crate) writing: BTreeSet<usize>,
    /// Whether the granted write is repeated.
    pub(crate) repeats: bool,
    /// The writes of each operation that a broken store holds back.
    held_back: BTreeMap<usize, Vec<Write>>,
    /// The epochs of the written marks, in order: they are random, and differ between two runs.
    epochs: Vec<String>,
}

/// A store whose requests wait until the scheduler grants them.
#[derive(Clone)]
pub(crate) struct ModelStore {
    world: Arc<Mutex<World>>,
    clock: Arc<ManualClock>,
    granularity: Granularity,
    broken: Broken,
    keeps_expired: bool,
}

impl fmt::Debug for ModelStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ModelStore")
    }
}

/// Waits until it is polled a second time.
pub(crate) async fn granted() {
    let mut asked = false;
    poll_fn(|_| {
        if asked {
            return Poll::Ready(());
        }
        asked = true;
        Poll::Pending
    })
    .await;
}

impl ModelStore {
    pub(crate) fn new(clock: Arc<ManualClock>, operations: usize, granularity: Granularity, broken: Broken) -> Self {
        let world = World { free: true, seen: vec![DefaultHasher::new(); operations], ..World::default() };
        Self { world: Arc::new(Mutex::new(world)), clock, granularity, broken, keeps_expired: false }
    }

    /// Sets whether the store keeps expired entries.
    pub(crate) fn keeping_expired(mut self, keeps_expired: bool) -> Self {
        self.keeps_expired = keeps_expired;
        self
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    async fn request<T: Answer>(&self, access: Access, serve: impl FnOnce(&mut World, UnixMillis) -> T) -> T {
        if !self.world().free {
            let actor = self.world().actor;
            self.world().next.insert(actor, access);
            granted().await;
        }
        let now = self.clock.now();
        let mut world = self.world();
        let answer = serve(&mut world, now);
        let actor = world.actor;
        let World { seen, epochs, .. } = &mut *world;
        if let Some(seen) = seen.get_mut(actor) {
            now.get().hash(seen);
            answer.hash_into(epochs, seen);
        }
        answer
    }

    fn shows(&self, now: UnixMillis, expires: UnixMillis) -> bool {
        self.keeps_expired || now < expires
    }

    fn find(&self, world: &World, now: UnixMillis, key: &str) -> Option<Vec<u8>> {
        let found = world.entries.get(key).filter(|(_, expires)| self.shows(now, *expires));
        self.broken.read(key, found.map(|(value, _)| value.clone()))
    }

    /// Makes a write as a broken store does: now, later or never. Repeats it if the step says so.
    async fn write(&self, write: Write) {
        let actor = self.world().actor;
        self.world().writing.insert(actor);
        let due = self
            .request(Access::Write(write.key.clone()), |world, _| {
                world.writing.remove(&world.actor);
                world.epochs.extend(epoch_of_mark(&write));
                let again = mem::take(&mut world.repeats).then(|| write.clone());
                let held_back = world.held_back.entry(world.actor).or_default();
                let mut plan = self.broken.plan(write, held_back);
                plan.next.splice(..0, again);
                plan.now.into_iter().for_each(|write| write.apply(&mut world.entries));
                Due(plan.next)
            })
            .await
            .0;
        for write in due {
            self.request(Access::Write(write.key.clone()), |world, _| write.apply(&mut world.entries)).await;
        }
    }
}

#[async_trait]
impl KvStore for ModelStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        Ok(self.request(Access::Read(vec![key.to_owned()]), |world, now| self.find(world, now, key)).await)
    }

    async fn get_many(&self, keys: &[&str]) -> AdapterResult<Vec<Option<Vec<u8>>>> {
        if self.granularity == Granularity::Pages {
            let access = Access::Read(keys.iter().map(|key| (*key).to_owned()).collect());
            return Ok(self
                .request(access, |world, now| keys.iter().map(|key| self.find(world, now, key)).collect::<Vec<_>>())
                .await);
        }
        let mut values = vec![None; keys.len()];
        let mut reads: Vec<_> = keys.iter().zip(&mut values).collect();
        if self.granularity == Granularity::KeysFromTheLast {
            reads.reverse();
        }
        for (key, value) in reads {
            *value = self.get(key).await?;
        }
        Ok(values)
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.write(Write { key: key.to_owned(), value: Some((value.to_vec(), expires)) }).await;
        Ok(())
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.write(Write { key: key.to_owned(), value: None }).await;
        Ok(())
    }

    async fn list(&self, prefix: &str, cursor: Option<&str>) -> AdapterResult<KvPage> {
        let mut keys = self
            .request(Access::List(prefix.to_owned()), |world, now| {
                let live = world.entries.iter().filter(|(_, (_, expires))| self.shows(now, *expires));
                let listed = live.map(|(key, _)| key.clone()).filter(|key| key.starts_with(prefix));
                listed.filter(|key| cursor.is_none_or(|cursor| cursor < key.as_str())).collect::<Vec<_>>()
            })
            .await;
        keys.truncate(1);
        Ok(KvPage { cursor: keys.first().cloned(), keys })
    }

    fn expires_keys(&self) -> bool {
        !self.keeps_expired
    }
}

/// The response to a request, hashed as far as it determines the next request.
trait Answer {
    fn hash_into(&self, epochs: &[String], state: &mut DefaultHasher);
}

impl Answer for Option<Vec<u8>> {
    fn hash_into(&self, epochs: &[String], state: &mut DefaultHasher) {
        self.as_ref().map(|value| canonical(value, epochs)).hash(state);
    }
}

impl Answer for Vec<Option<Vec<u8>>> {
    fn hash_into(&self, epochs: &[String], state: &mut DefaultHasher) {
        self.iter().for_each(|value| value.hash_into(epochs, state));
    }
}

impl Answer for Vec<String> {
    fn hash_into(&self, _: &[String], state: &mut DefaultHasher) {
        self.hash(state);
    }
}

impl Answer for () {
    fn hash_into(&self, _: &[String], _: &mut DefaultHasher) {}
}

/// The writes that a broken store makes later.
struct Due(Vec<Write>);

impl Answer for Due {
    fn hash_into(&self, epochs: &[String], state: &mut DefaultHasher) {
        for write in &self.0 {
            write.key.hash(state);
            write.value.as_ref().map(|(value, expires)| (canonical(value, epochs), expires)).hash(state);
        }
    }
}

fn epoch_of_mark(write: &Write) -> Option<String> {
    let (value, _) = write.value.as_ref().filter(|_| write.key.starts_with("user_session_revoked:"))?;
    let mark: serde_json::Value = serde_json::from_slice(value).unwrap();
    Some(mark["epoch"].as_str().unwrap().to_owned())
}

/// Replaces the random epoch in a value by its number.
fn canonical(value: &[u8], epochs: &[String]) -> Vec<u8> {
    let epochs = epochs.iter().enumerate();
    let found = epochs.filter_map(|(number, epoch)| {
        let at = value.windows(epoch.len()).position(|window| window == epoch.as_bytes())?;
        Some([&value[..at], number.to_string().as_bytes(), &value[at + epoch.len()..]].concat())
    });
    found.into_iter().next().unwrap_or_else(|| value.to_vec())
}

impl World {
    /// Returns `true` if the next requests of two operations lead to the same state in either order.
    pub(crate) fn are_independent(&self, one: usize, other: usize) -> bool {
        let requests = self.next.get(&one).zip(self.next.get(&other));
        requests.is_some_and(|(one, other)| !one.depends_on(other))
    }

    /// Hashes everything that determines what can still happen.
    pub(crate) fn hash_into(&self, state: &mut DefaultHasher) {
        for (key, (value, expires)) in &self.entries {
            (key, canonical(value, &self.epochs), expires).hash(state);
        }
        for seen in &self.seen {
            seen.finish().hash(state);
        }
    }
}

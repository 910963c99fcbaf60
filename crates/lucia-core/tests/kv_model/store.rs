//! A store whose every request waits until it is granted.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    future::poll_fn,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, MutexGuard},
    task::Poll,
};

use lucia_core::{
    AdapterErrorKind, AdapterResult, Clock, ManualClock, UnixMillis, async_trait,
    kv::{KvCondition, KvPage, KvStore, KvVersion},
};

use crate::{
    answer::{Answer, Nonces, Written},
    broken::{Broken, Write},
};

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

impl Fault {
    pub(crate) const ALL: &[Self] = &[Self::Repeats, Self::Fails, Self::LosesResponse, Self::ArrivesLate];

    /// The faults after which the operation does not know whether the write was carried out.
    pub(crate) const UNANSWERED: &[Self] = &[Self::Fails, Self::LosesResponse, Self::ArrivesLate];
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
    /// The fault of the granted write.
    pub(crate) fault: Option<Fault>,
    /// The writes that have not arrived yet.
    late: Vec<(Write, Option<KvCondition>)>,
    /// The writes of each operation that a broken store holds back.
    held_back: BTreeMap<usize, Vec<Write>>,
    nonces: Nonces,
}

/// The fault of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Fault {
    /// It is carried out, and repeated after others. The response is that of the repetition.
    Repeats,
    /// It is not carried out, and fails.
    Fails,
    /// It is carried out, and the response is lost.
    LosesResponse,
    /// It fails, and is carried out later.
    ArrivesLate,
}

/// A store whose requests wait until the scheduler grants them.
#[derive(Clone)]
pub(crate) struct ModelStore {
    world: Arc<Mutex<World>>,
    clock: Arc<ManualClock>,
    granularity: Granularity,
    broken: Broken,
    keeps_expired: bool,
    conditional: bool,
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
        Self {
            world: Arc::new(Mutex::new(world)),
            clock,
            granularity,
            broken,
            keeps_expired: false,
            conditional: false,
        }
    }

    /// Sets whether the store has conditional writes.
    pub(crate) fn conditional_if(mut self, conditional: bool) -> Self {
        self.conditional = conditional;
        self
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
        let World { seen, nonces, .. } = &mut *world;
        if let Some(seen) = seen.get_mut(actor) {
            now.get().hash(seen);
            answer.hash_into(nonces, seen);
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

    fn holds(&self, world: &World, now: UnixMillis, key: &str, condition: Option<&KvCondition>) -> bool {
        let found = world.entries.get(key).filter(|(_, expires)| self.shows(now, *expires));
        let holds = match condition {
            None => true,
            Some(KvCondition::Absent) => found.is_none(),
            Some(KvCondition::Version(version)) => found.is_some_and(|(value, _)| version_of(value) == *version),
        };
        holds || self.broken == Broken::ConditionsIgnored
    }

    /// Makes a write if its condition holds, as a broken store does: now, later or never.
    async fn write(&self, write: Write, condition: Option<&KvCondition>) -> AdapterResult<bool> {
        let actor = self.world().actor;
        self.world().writing.insert(actor);
        let key = write.key.clone();
        let mut written = self
            .request(Access::Write(key.clone()), |world, now| {
                world.writing.remove(&actor);
                world.nonces.learn(actor, &write);
                let fault = world.fault.take();
                let mut written = Written { again: fault == Some(Fault::Repeats), ..Written::default() };
                match fault {
                    Some(Fault::Fails) => return written,
                    Some(Fault::ArrivesLate) => {
                        world.late.push((write.clone(), condition.cloned()));
                        return written;
                    }
                    _ => {}
                }
                let holds = self.holds(world, now, &key, condition);
                if holds {
                    let broken = if world.free { Broken::Nothing } else { self.broken };
                    let plan = broken.plan(write.clone(), world.held_back.entry(actor).or_default());
                    plan.now.into_iter().for_each(|write| write.apply(&mut world.entries));
                    written.due = plan.next;
                }
                written.outcome = (fault != Some(Fault::LosesResponse)).then_some(holds);
                written
            })
            .await;
        if written.again {
            let repeated = self.request(Access::Write(key.clone()), |world, now| {
                let holds = self.holds(world, now, &key, condition);
                if holds {
                    write.apply(&mut world.entries);
                }
                Written { outcome: Some(holds), ..Written::default() }
            });
            written.outcome = repeated.await.outcome;
        }
        for write in written.due {
            self.request(Access::Write(write.key.clone()), |world, _| write.apply(&mut world.entries)).await;
        }
        let outcome = written.outcome.ok_or_else(|| AdapterErrorKind::Unavailable.into());
        outcome.map(|holds| holds || self.broken == Broken::RefusalsHidden)
    }

    /// Makes a write that arrives later.
    pub(crate) fn delay(&self, write: Write) {
        self.world().late.push((write, None));
    }

    /// Carries out a write that was late.
    pub(crate) fn arrive(&self) {
        let now = self.clock.now();
        let mut world = self.world();
        let (write, condition) = world.late.remove(0);
        if self.holds(&world, now, &write.key, condition.as_ref()) {
            write.apply(&mut world.entries);
        }
    }
}

/// The version of a value is the value, as an `ETag` that is a hash.
fn version_of(value: &[u8]) -> KvVersion {
    KvVersion::new(String::from_utf8_lossy(value))
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
        // A service that serialises only conditional writes may lose a plain one beside them.
        let has_conditional_writes =
            self.conditional && (key.starts_with("session:") || key.starts_with("user_session:"));
        assert!(!has_conditional_writes || self.world().free, "a plain write of {key}");
        self.write(Write { key: key.to_owned(), value: Some((value.to_vec(), expires)) }, None).await.map(drop)
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.write(Write { key: key.to_owned(), value: None }, None).await.map(drop)
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

    fn conditional(&self) -> bool {
        self.conditional
    }

    async fn get_versioned(&self, key: &str) -> AdapterResult<Option<(Vec<u8>, KvVersion)>> {
        let value = self.get(key).await?;
        Ok(value.map(|value| (value.clone(), version_of(&value))))
    }

    async fn put_if(
        &self,
        key: &str,
        value: &[u8],
        expires: UnixMillis,
        condition: &KvCondition,
    ) -> AdapterResult<bool> {
        self.write(Write { key: key.to_owned(), value: Some((value.to_vec(), expires)) }, Some(condition)).await
    }
}

impl World {
    pub(crate) fn has_late_writes(&self) -> bool {
        !self.late.is_empty()
    }

    /// Returns `true` if the next requests of two operations lead to the same state in either order.
    pub(crate) fn are_independent(&self, one: usize, other: usize) -> bool {
        let requests = self.next.get(&one).zip(self.next.get(&other));
        requests.is_some_and(|(one, other)| !one.depends_on(other))
    }

    /// Hashes everything that determines what can still happen.
    pub(crate) fn hash_into(&self, state: &mut DefaultHasher) {
        for (key, (value, expires)) in &self.entries {
            (key, self.nonces.canonical(value), expires).hash(state);
        }
        for (write, condition) in &self.late {
            write.hash_into(&self.nonces, state);
            let condition = condition.as_ref().map(|condition| match condition {
                KvCondition::Absent => None,
                KvCondition::Version(version) => Some(self.nonces.canonical(version.as_str().as_bytes())),
            });
            condition.hash(state);
        }
        for seen in &self.seen {
            seen.finish().hash(state);
        }
    }
}

//! A store whose every request waits until it is granted.

use std::{
    collections::BTreeMap,
    fmt,
    future::poll_fn,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, MutexGuard},
    task::Poll,
};

use lucia_core::{
    AdapterResult, Clock, ManualClock, UnixMillis, async_trait,
    kv::{KvPage, KvStore},
};

use crate::broken::{Broken, Write};

pub(crate) type Entries = BTreeMap<String, (Vec<u8>, UnixMillis)>;

/// What the store holds, and what each operation has seen of it.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) entries: Entries,
    /// Who makes the request that is granted.
    pub(crate) actor: usize,
    /// Nobody waits.
    pub(crate) free: bool,
    /// What an operation was answered decides what it does next.
    pub(crate) seen: Vec<DefaultHasher>,
    /// What a broken store holds back, of each operation.
    held_back: BTreeMap<usize, Vec<Write>>,
}

#[derive(Clone)]
pub(crate) struct ModelStore {
    world: Arc<Mutex<World>>,
    clock: Arc<ManualClock>,
    broken: Broken,
}

impl fmt::Debug for ModelStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ModelStore")
    }
}

/// Ready when it is polled the second time.
pub(crate) async fn a_grant() {
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
    pub(crate) fn new(clock: Arc<ManualClock>, operations: usize, broken: Broken) -> Self {
        let world = World { free: true, seen: vec![DefaultHasher::new(); operations], ..World::default() };
        Self { world: Arc::new(Mutex::new(world)), clock, broken }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    async fn request<T: Hash>(&self, serve: impl FnOnce(&mut World, UnixMillis) -> T) -> T {
        if !self.world().free {
            a_grant().await;
        }
        let now = self.clock.now();
        let mut world = self.world();
        let answer = serve(&mut world, now);
        let actor = world.actor;
        if let Some(seen) = world.seen.get_mut(actor) {
            (now.get(), &answer).hash(seen);
        }
        answer
    }

    /// A write as a broken store makes it: now, later, or never.
    async fn write(&self, write: Write) {
        let due = self
            .request(|world, _| {
                let held_back = world.held_back.entry(world.actor).or_default();
                let plan = self.broken.plan(write, held_back);
                plan.now.into_iter().for_each(|write| write.apply(&mut world.entries));
                plan.next
            })
            .await;
        for write in due {
            self.request(|world, _| write.apply(&mut world.entries)).await;
        }
    }
}

#[async_trait]
impl KvStore for ModelStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        let value = self.request(|world, now| {
            let found = world.entries.get(key).filter(|(_, expires)| now < *expires);
            self.broken.read(key, found.map(|(value, _)| value.clone()))
        });
        Ok(value.await)
    }

    async fn put(&self, key: &str, value: &[u8], expires: UnixMillis) -> AdapterResult<()> {
        self.write(Write { key: key.to_owned(), value: Some((value.to_vec(), expires)) }).await;
        Ok(())
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.write(Write { key: key.to_owned(), value: None }).await;
        Ok(())
    }

    async fn list(&self, prefix: &str, _cursor: Option<&str>) -> AdapterResult<KvPage> {
        let keys = self.request(|world, now| {
            let live = world.entries.iter().filter(|(_, (_, expires))| now < *expires);
            live.map(|(key, _)| key.clone()).filter(|key| key.starts_with(prefix)).collect::<Vec<_>>()
        });
        Ok(KvPage { keys: keys.await, cursor: None })
    }
}

impl World {
    /// What decides everything that can still happen.
    pub(crate) fn hash_into(&self, state: &mut DefaultHasher) {
        self.entries.hash(state);
        for seen in &self.seen {
            seen.finish().hash(state);
        }
    }
}

//! Measures how often a renewal revives a revoked session in eventually consistent stores.
//!
//! A session is revoked in one place, and renewed in another. `cargo test -p lucia-core --test kv_model eventual --
//! --nocapture` prints the percentages.

use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use lucia_core::{
    AdapterResult, Clock, ManualClock, UnixMillis, async_trait,
    kv::{KvPage, KvStore},
};

use crate::{
    operation::{FIRST, NOW, Operation, Start, layout},
    run::finish,
    store::granted,
};

/// The delay after which another place sees a write, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Consistency {
    /// Every write is visible after this time.
    Lag(i64),
    /// Every write is visible immediately, except for keys that were read before: those are cached for this time.
    Cache(i64),
}

/// A location of the store. The session is revoked here and renewed there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Here,
    There,
}

/// When and where a value was written; `None` is a deletion.
type Write = (i64, Option<Place>, Option<Vec<u8>>);

/// The state of all places.
#[derive(Debug, Default)]
struct World {
    /// The writes of each key, oldest first.
    writes: BTreeMap<String, Vec<Write>>,
    /// The cache of the other place: when a key was read, and its value.
    read: BTreeMap<String, (i64, Option<Vec<u8>>)>,
    /// The place of the next request; `None` during the set-up, which is visible everywhere.
    place: Option<Place>,
}

/// A store in two places.
#[derive(Clone)]
struct ReplicatedStore {
    world: Arc<Mutex<World>>,
    clock: Arc<ManualClock>,
    consistency: Consistency,
    tombstones: bool,
}

impl fmt::Debug for ReplicatedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplicatedStore")
    }
}

impl ReplicatedStore {
    fn now(&self) -> i64 {
        self.clock.now().get()
    }

    async fn request(&self) {
        if self.world.lock().unwrap().place.is_some() {
            granted().await;
        }
    }

    fn write(&self, key: &str, value: Option<&[u8]>) {
        if !self.tombstones && key.starts_with("session_revoked:") {
            return;
        }
        let (mut world, now) = (self.world.lock().unwrap(), self.now());
        let place = world.place;
        world.writes.entry(key.to_owned()).or_default().push((now, place, value.map(<[u8]>::to_vec)));
        if place == Some(Place::There) {
            world.read.insert(key.to_owned(), (now, value.map(<[u8]>::to_vec)));
        }
    }

    /// Returns the value of a key as the current place sees it.
    fn look(&self, key: &str) -> Option<Vec<u8>> {
        let (mut world, now) = (self.world.lock().unwrap(), self.now());
        let place = world.place;
        let kept = world.read.get(key).filter(|_| place == Some(Place::There)).cloned();
        let latest = |lag: i64| {
            let writes = world.writes.get(key).into_iter().flatten();
            let visible = writes.rev().find(|(at, by, _)| *by == place || by.is_none() || now - at >= lag);
            visible.and_then(|(_, _, value)| value.clone())
        };
        match (self.consistency, kept) {
            (Consistency::Lag(lag), _) => latest(lag),
            (Consistency::Cache(ttl), Some((at, value))) if now - at < ttl => value,
            (Consistency::Cache(_), _) => {
                let value = latest(0);
                if place == Some(Place::There) {
                    world.read.insert(key.to_owned(), (now, value.clone()));
                }
                value
            }
        }
    }
}

#[async_trait]
impl KvStore for ReplicatedStore {
    async fn get(&self, key: &str) -> AdapterResult<Option<Vec<u8>>> {
        self.request().await;
        Ok(self.look(key))
    }

    async fn put(&self, key: &str, value: &[u8], _expires: UnixMillis) -> AdapterResult<()> {
        self.request().await;
        self.write(key, Some(value));
        Ok(())
    }

    async fn delete(&self, key: &str) -> AdapterResult<()> {
        self.request().await;
        self.write(key, None);
        Ok(())
    }

    async fn list(&self, prefix: &str, _cursor: Option<&str>) -> AdapterResult<KvPage> {
        self.request().await;
        let keys: Vec<_> = self.world.lock().unwrap().writes.keys().cloned().collect();
        let keys = keys.into_iter().filter(|key| key.starts_with(prefix) && self.look(key).is_some()).collect();
        Ok(KvPage { keys, cursor: None })
    }
}

/// A deterministic random number generator (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }
}

/// Revokes a session here and renews it there, `after` milliseconds later. Returns `true` if it is live in the end.
fn survives(consistency: Consistency, tombstones: bool, after: i64, random: &mut Random) -> bool {
    let clock = Arc::new(ManualClock::new(NOW));
    let store = ReplicatedStore { world: Arc::default(), clock: Arc::clone(&clock), consistency, tombstones };
    let adapter = Start::Session.adapter(store.clone(), Arc::clone(&clock));
    finish(Start::Session.set_up(&adapter)).unwrap();
    // The other place has read the session within the last minute, as it does for an active user.
    let seen = NOW.get() - random.below(60_000);
    let value = store.look(&layout().session_key(&FIRST.into()));
    store.world.lock().unwrap().read.insert(layout().session_key(&FIRST.into()), (seen, value));

    // The first poll of each future makes no request. Each request takes 10 to 60 milliseconds.
    store.world.lock().unwrap().place = Some(Place::Here);
    let mut revocation = pin!(Operation::Delete.perform(&adapter, &clock));
    let mut renewal = pin!(Operation::Renew.perform(&adapter, &clock));
    let mut context = Context::from_waker(Waker::noop());
    assert!(revocation.as_mut().poll(&mut context).is_pending() && renewal.as_mut().poll(&mut context).is_pending());
    let (mut here, mut there) = (Some(NOW.get()), Some(NOW.get() + after));
    while here.is_some() || there.is_some() {
        let is_here = there.is_none_or(|there| here.is_some_and(|here| here <= there));
        let (due, place) = if is_here { (&mut here, Place::Here) } else { (&mut there, Place::There) };
        clock.set(UnixMillis::new(due.unwrap()));
        store.world.lock().unwrap().place = Some(place);
        let polled = if is_here { revocation.as_mut().poll(&mut context) } else { renewal.as_mut().poll(&mut context) };
        *due = match polled {
            Poll::Pending => due.map(|due| due + 10 + random.below(50)),
            Poll::Ready(_) => None,
        };
    }
    let mut world = store.world.lock().unwrap();
    let writes = world.writes.remove(&layout().session_key(&FIRST.into())).unwrap();
    writes.last().unwrap().2.is_some()
}

/// Returns the percentage of renewals that revive the session, among those that begin while the revocation may be
/// invisible.
fn percentage(consistency: Consistency, tombstones: bool) -> i64 {
    const TRIALS: i64 = 2_000;
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (Consistency::Lag(window) | Consistency::Cache(window)) = consistency;
    let survivors = (0..TRIALS).filter(|_| {
        let after = random.below(window + 400) - 200;
        survives(consistency, tombstones, after, &mut random)
    });
    let percentage = i64::try_from(survivors.count()).unwrap() * 100 / TRIALS;
    #[expect(clippy::print_stdout, reason = "the figures of the documentation")]
    let () = println!("{consistency:?}, {} tombstones: {percentage} %", if tombstones { "with" } else { "without" });
    percentage
}

#[test]
fn no_session_is_revived_if_writes_are_visible_immediately() {
    assert_eq!(percentage(Consistency::Lag(0), true), 0);
    assert!(percentage(Consistency::Lag(0), false) > 5);
}

/// No read of a renewal can show a revocation that has not arrived yet.
#[test]
fn k6_most_sessions_are_revived_if_writes_arrive_late() {
    for lag in [1_000, 10_000, 60_000] {
        assert!(percentage(Consistency::Lag(lag), true) > 60);
        assert!(percentage(Consistency::Lag(lag), false) > 60);
    }
}

/// The cached session hides its deletion; the tombstone is not cached, because it was not read before.
#[test]
fn k6_no_session_is_revived_if_reads_are_cached() {
    assert_eq!(percentage(Consistency::Cache(60_000), true), 0);
    assert!(percentage(Consistency::Cache(60_000), false) > 30);
}

//! Stores that show a write elsewhere only after a while: where the protocol ends, and how often.
//!
//! A session is revoked in one place, and renewed in another. `cargo test -p lucia-core --test kv_model eventual --
//! --nocapture` prints what came of it.

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
    store::a_grant,
};

/// How another place learns of a write, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Consistency {
    /// So long after it, whatever it is about.
    Lag(i64),
    /// At once, but what was read before is kept for so long.
    Cache(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Here,
    There,
}

/// When and where a value was written; `None` is a deletion.
type Write = (i64, Option<Place>, Option<Vec<u8>>);

#[derive(Debug, Default)]
struct World {
    /// Of each key, the last one last.
    writes: BTreeMap<String, Vec<Write>>,
    /// What the other place has read, and when.
    read: BTreeMap<String, (i64, Option<Vec<u8>>)>,
    place: Option<Place>,
}

#[derive(Clone)]
struct DistantStore {
    world: Arc<Mutex<World>>,
    clock: Arc<ManualClock>,
    consistency: Consistency,
    tombstones: bool,
}

impl fmt::Debug for DistantStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DistantStore")
    }
}

impl DistantStore {
    fn now(&self) -> i64 {
        self.clock.now().get()
    }

    async fn request(&self) {
        if self.world.lock().unwrap().place.is_some() {
            a_grant().await;
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

    /// What a place sees of a key.
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
impl KvStore for DistantStore {
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

/// Numbers that are the same in each run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }
}

/// Revokes a session here and renews it there, `after` milliseconds later. Whether it is alive in the end.
fn survives(consistency: Consistency, tombstones: bool, after: i64, random: &mut Random) -> bool {
    let clock = Arc::new(ManualClock::new(NOW));
    let store = DistantStore { world: Arc::default(), clock: Arc::clone(&clock), consistency, tombstones };
    let adapter = Start::Session.adapter(store.clone(), Arc::clone(&clock));
    finish(Start::Session.set_up(&adapter)).unwrap();
    // The other place has seen the session within the last minute, as an active user's requests make it.
    let seen = NOW.get() - random.below(60_000);
    let value = store.look(&layout().session_key(&FIRST.into()));
    store.world.lock().unwrap().read.insert(layout().session_key(&FIRST.into()), (seen, value));

    // The first poll of each makes no request. From then on each request takes 10 to 60 milliseconds.
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

/// Of a hundred renewals that begin within the time in which a revocation may be unseen, so many bring the session back.
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
fn where_writes_show_at_once_none_comes_back() {
    assert_eq!(percentage(Consistency::Lag(0), true), 0);
    assert!(percentage(Consistency::Lag(0), false) > 5);
}

/// Nothing that a renewal could read would tell it of a revocation that has not arrived.
#[test]
fn k6_where_writes_arrive_late_most_come_back() {
    for lag in [1_000, 10_000, 60_000] {
        assert!(percentage(Consistency::Lag(lag), true) > 60);
        assert!(percentage(Consistency::Lag(lag), false) > 60);
    }
}

/// A copy of the session hides its revocation; of its tombstone there is no copy, as nobody asked for it before.
#[test]
fn k6_where_reads_are_cached_the_tombstone_is_seen() {
    assert_eq!(percentage(Consistency::Cache(60_000), true), 0);
    assert!(percentage(Consistency::Cache(60_000), false) > 30);
}

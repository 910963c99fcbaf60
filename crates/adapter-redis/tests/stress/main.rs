//! Fifty tasks renew, update, rotate and revoke one user's sessions in parallel, and another revokes all of them repeatedly.
//! Afterwards, the acknowledged changes are compared with the store.
//!
//! `LUCIA_STRESS_SECONDS` sets the duration. Defaults to 5 s.

#![expect(clippy::unwrap_used, reason = "a panic in a helper fails the test")]
#![expect(clippy::print_stdout, reason = "the counts are shown with `--nocapture`")]

mod ledger;
mod rotation;

use std::{
    env, mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use adapter_redis::{ConnectConfig, RedisSessionAdapter, redis::sentinel::SentinelNodeConnectionInfo};
use lucia_core::{
    AdapterErrorKind as Kind, AdapterResult, Attributes, Clock as _, SessionAdapter, SessionId, SessionSchema,
    SessionUpdate, SystemClock, UnixMillis, UserId,
};

use self::ledger::{Ledger, Lineage, attribute};

const TASKS: usize = 50;
/// Fewer than tasks, so that several tasks use the same session at any time.
const SESSIONS: usize = 20;
const DAY: Duration = Duration::from_secs(86_400);

struct Stress {
    adapter: Arc<dyn SessionAdapter>,
    user: UserId,
    ledger: Ledger,
    slots: Vec<Mutex<Slot>>,
    /// The number of the next unique id.
    next_expiry: AtomicI64,
    next_id: AtomicI64,
    swept: AtomicBool,
    ended: AtomicBool,
}

/// A session that tasks use.
struct Slot {
    lineage: Arc<Lineage>,
    is_being_replaced: bool,
}

impl Stress {
    async fn run(adapter: Arc<dyn SessionAdapter>) {
        let mut stress = Self {
            adapter,
            user: UserId::new("u1"),
            ledger: Ledger::default(),
            slots: Vec::new(),
            next_expiry: AtomicI64::new(SystemClock.now().saturating_add(DAY).get()),
            next_id: AtomicI64::new(0),
            swept: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        };
        for _ in 0..SESSIONS {
            let slot = Slot { lineage: stress.create().await, is_being_replaced: false };
            stress.slots.push(Mutex::new(slot));
        }
        let stress = Arc::new(stress);
        let mut tasks: Vec<_> = (0..TASKS).map(|task| tokio::spawn(Arc::clone(&stress).work(task))).collect();
        tasks.push(tokio::spawn(Arc::clone(&stress).sweep()));
        // The last sessions are used for some time before they are checked.
        tokio::time::sleep(duration() * 4 / 5).await;
        stress.swept.store(true, Ordering::Relaxed);
        tokio::time::sleep(duration() / 5).await;
        stress.ended.store(true, Ordering::Relaxed);
        for task in tasks {
            task.await.unwrap();
        }
        println!("{:?}", stress.ledger.check(&*stress.adapter, &stress.user).await);
    }

    async fn work(self: Arc<Self>, task: usize) {
        let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (task as u64 + 1));
        let mut value = 0;
        while !self.ended.load(Ordering::Relaxed) {
            let slot = random.below(SESSIONS);
            let lineage = Arc::clone(&self.slots[slot].lock().unwrap().lineage);
            let id = lineage.id();
            value += 1;
            let alive = match random.below(1000) {
                0..400 => self.update(task, value, &lineage, &id).await,
                400..800 => self.renew(&lineage, &id).await,
                800..900 => self.list().await,
                900..950 => self.rotate(&lineage, &id).await,
                _ => self.revoke(&id).await,
            };
            if !alive {
                self.replace(slot, &lineage).await;
            }
        }
    }

    /// Replaces a session that no longer exists, or continues with its new id. Only one task does it.
    async fn replace(&self, slot: usize, gone: &Arc<Lineage>) {
        let is_mine = {
            let mut current = self.slots[slot].lock().unwrap();
            Arc::ptr_eq(&current.lineage, gone) && !mem::replace(&mut current.is_being_replaced, true)
        };
        if is_mine {
            let lineage = self.create().await;
            *self.slots[slot].lock().unwrap() = Slot { lineage, is_being_replaced: false };
        } else {
            tokio::task::yield_now().await;
        }
    }

    /// Revokes all sessions repeatedly.
    async fn sweep(self: Arc<Self>) {
        while !self.swept.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let lineages = self.ledger.sweep_begins();
            self.adapter.delete_sessions_by_user_id(&self.user).await.unwrap();
            self.ledger.sweep_ended(&lineages);
        }
    }

    async fn create(&self) -> Arc<Lineage> {
        let expiry = self.expiry();
        let session = SessionSchema::new(self.id(), self.user.clone(), expiry, expiry);
        let began = self.ledger.creation_begins();
        self.adapter.set_session(&session).await.unwrap();
        self.ledger.created(session.id, expiry, began)
    }

    async fn update(&self, task: usize, value: u64, lineage: &Lineage, id: &SessionId) -> bool {
        let attributes = Attributes::from([(attribute(task).as_str(), value)]);
        let update = SessionUpdate::default().with_attributes(attributes).unwrap();
        let alive = succeeded(self.adapter.update_session(id, &update).await);
        if alive {
            lineage.updated(task, value);
        }
        alive
    }

    /// Renews a session as `lucia-auth` does: of several tasks that read the same session, one writes.
    async fn renew(&self, lineage: &Lineage, id: &SessionId) -> bool {
        let moment = self.ledger.now();
        let Some(session) = self.adapter.get_session(id).await.unwrap() else {
            return false;
        };
        assert!(!self.ledger.was_revoked_before(id, moment), "a revoked session is read");
        let expiry = self.expiry();
        let renewal = SessionUpdate::renewal(expiry, expiry).with_expected_idle_expires(session.idle_expires);
        match self.adapter.update_session(id, &renewal).await {
            Ok(()) => lineage.renewed(session.idle_expires, expiry),
            Err(error) if error.kind() == Kind::Conflict => {}
            other => return succeeded(other),
        }
        true
    }

    async fn list(&self) -> bool {
        let moment = self.ledger.now();
        for session in self.adapter.get_sessions_by_user_id(&self.user).await.unwrap() {
            assert!(!self.ledger.was_revoked_before(&session.id, moment), "a revoked session is listed");
        }
        true
    }

    async fn rotate(&self, lineage: &Lineage, id: &SessionId) -> bool {
        let new = self.id();
        let rotation = self.adapter.rotate_session(id, &new, &SessionUpdate::default()).await;
        let alive = succeeded(rotation);
        if alive {
            lineage.rotated(new);
        }
        alive
    }

    async fn revoke(&self, id: &SessionId) -> bool {
        self.adapter.delete_session(id).await.unwrap();
        self.ledger.revoked(id.clone());
        assert_eq!(self.adapter.get_session(id).await.unwrap(), None, "a revoked session is alive");
        false
    }

    fn id(&self) -> SessionId {
        SessionId::new(format!("s{}", self.next_id.fetch_add(1, Ordering::Relaxed)))
    }

    fn expiry(&self) -> UnixMillis {
        UnixMillis::new(self.next_expiry.fetch_add(1, Ordering::Relaxed))
    }
}

/// Returns `false` if the session does not exist. Any other error is a failure.
fn succeeded(outcome: AdapterResult<()>) -> bool {
    match outcome {
        Ok(()) => true,
        Err(error) if error.kind() == Kind::InvalidSessionId => false,
        Err(error) => panic!("{error:?}"),
    }
}

fn duration() -> Duration {
    let seconds = env::var("LUCIA_STRESS_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(5))
}

/// A xorshift generator.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % limit
    }
}

/// Long enough for a busy machine, because no call may fail.
fn patient() -> ConnectConfig {
    ConnectConfig::new().response_timeout(Duration::from_secs(30)).connect_timeout(Duration::from_secs(30))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server() {
    let redis = test_servers::redis().unwrap();
    let connection = patient().connect(redis.url()).await.unwrap();
    Stress::run(Arc::new(RedisSessionAdapter::new(connection).await.unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sentinel() {
    let redis = test_servers::redis_sentinel().unwrap();
    let urls = redis.urls();
    let node = SentinelNodeConnectionInfo::default();
    let connection = patient().connect_sentinel(urls, redis.primary_name(), node).await.unwrap();
    Stress::run(Arc::new(RedisSessionAdapter::new(connection).await.unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cluster() {
    let redis = test_servers::redis_cluster().unwrap();
    let connection = patient().connect_cluster(redis.urls()).await.unwrap();
    Stress::run(Arc::new(RedisSessionAdapter::new(connection).await.unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_rotating_session_survives_a_revocation_of_all() {
    let redis = test_servers::redis().unwrap();
    let connection = patient().connect(redis.url()).await.unwrap();
    rotation::run(Arc::new(RedisSessionAdapter::new(connection).await.unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_rotating_session_survives_a_revocation_of_all_on_a_cluster() {
    let redis = test_servers::redis_cluster().unwrap();
    let connection = patient().connect_cluster(redis.urls()).await.unwrap();
    rotation::run(Arc::new(RedisSessionAdapter::new(connection).await.unwrap())).await;
}

//! Operations per second of the adapter, with the driver alone, a pool, another session store and Lucia JS as controls.
//!
//! `cargo bench -p adapter-redis --all-features --bench throughput`, with `LUCIA_BENCH_ROUNDS` and
//! `LUCIA_BENCH_MILLISECONDS` for the duration, and the name of a part (`get`, `create`, `list`, `change`) to run it alone.

#![expect(clippy::print_stdout, reason = "prints its results")]
#![expect(clippy::unwrap_used, reason = "a failed benchmark panics")]

mod measure;

use std::{cell::RefCell, collections::HashMap, env, future::Future, path::Path, rc::Rc, sync::Arc};

use adapter_redis::{
    RedisSessionAdapter, connect,
    deadpool_redis::{Config, Pool, Runtime},
    redis::{AsyncCommands as _, aio::ConnectionManager, cmd, pipe},
};
use lucia_core::{Attributes, SessionAdapter, SessionId, SessionSchema, SessionUpdate, UnixMillis, UserId};
use test_servers::{NodeBench, Server, redis_server};
use tower_sessions_core::{
    SessionStore as _,
    session::{Id, Record},
};
use tower_sessions_redis_store::{
    RedisStore,
    fred::{clients::Pool as FredPool, interfaces::ClientLike as _, types::config::Config as FredConfig},
};

use self::measure::{Side, compare, pin};

const SESSIONS: usize = 1_000;
const TASKS: [usize; 4] = [1, 16, 64, 128];
const EXPIRY: UnixMillis = UnixMillis::new(4_102_444_800_000);
const LISTED: usize = 20;

/// The sides, on one server.
struct Bench {
    adapter: RedisSessionAdapter<ConnectionManager>,
    pooled: RedisSessionAdapter<Pool>,
    redis: ConnectionManager,
    pool: Pool,
    tower: RedisStore<FredPool>,
    lucia_js: Rc<RefCell<NodeBench>>,
    server: u32,
}

fn main() {
    let chosen: Vec<_> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let runs = |part: &str| chosen.is_empty() || chosen.iter().any(|name| name == part);
    // A cache does not write to disk.
    let server = redis_server().unwrap().args(["--appendonly", "no"]).start().unwrap();
    pin(server.pid().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let bench = Bench::open(&server).await;
        if runs("get") {
            bench.get().await;
        }
        if runs("create") {
            bench.create().await;
        }
        if runs("list") {
            bench.list().await;
        }
        if runs("change") {
            bench.change().await;
        }
    });
}

impl Bench {
    async fn open(server: &Server) -> Self {
        let url = &*format!("redis://127.0.0.1:{}", server.port());
        let pool = Config::from_url(url).builder().unwrap().max_size(32).runtime(Runtime::Tokio1).build().unwrap();
        let fred = FredPool::new(FredConfig::from_url(url).unwrap(), None, None, None, 1).unwrap();
        fred.init().await.unwrap();
        // Both share one connection: of two, one may run on a processor closer to that of the server.
        let redis = connect(url).await.unwrap();
        Self {
            adapter: RedisSessionAdapter::new(redis.clone()).await.unwrap(),
            pooled: RedisSessionAdapter::new(pool.clone()).await.unwrap(),
            redis,
            pool,
            tower: RedisStore::new(fred),
            lucia_js: Rc::new(RefCell::new(start_lucia_js(url))),
            server: server.pid().unwrap(),
        }
    }

    /// Stores sessions, `each` of them for every user.
    async fn fill(&self, each: usize) -> Arc<Vec<SessionSchema>> {
        flush(&self.redis).await;
        let sessions: Vec<_> = (0..SESSIONS).map(|number| session(number, number / each)).collect();
        for session in &sessions {
            self.adapter.set_session(session).await.unwrap();
        }
        Arc::new(sessions)
    }

    async fn get(&self) {
        let sessions = self.fill(1).await;
        let records = Arc::new(self.fill_tower(&sessions).await);
        let keys: Arc<Vec<_>> =
            Arc::new(sessions.iter().map(|session| format!("session:{}", session.id.as_str())).collect());
        let raw = Side::new("redis GET", {
            let (redis, keys) = (self.redis.clone(), Arc::clone(&keys));
            move |number| {
                let (mut redis, keys) = (redis.clone(), Arc::clone(&keys));
                async move {
                    let value: Vec<u8> = redis.get(&keys[number % SESSIONS]).await.unwrap();
                    assert!(!value.is_empty());
                }
            }
        });
        let pooled = Side::new("deadpool-redis GET", {
            let (pool, keys) = (self.pool.clone(), Arc::clone(&keys));
            move |number| {
                let (pool, keys) = (pool.clone(), Arc::clone(&keys));
                async move {
                    let value: Vec<u8> = pool.get().await.unwrap().get(&keys[number % SESSIONS]).await.unwrap();
                    assert!(!value.is_empty());
                }
            }
        });
        let tower = Side::new("tower-sessions-redis-store load", {
            let tower = self.tower.clone();
            move |number| {
                let (tower, records) = (tower.clone(), Arc::clone(&records));
                async move { assert!(tower.load(&records[number % SESSIONS]).await.unwrap().is_some()) }
            }
        });
        let sides = [
            raw,
            read("get_session", &self.adapter, &sessions),
            read("get_session over deadpool-redis", &self.pooled, &sessions),
            pooled,
            tower,
            self.in_lucia_js("getSession of Lucia JS", "get"),
        ];
        compare("Read a session", &TASKS, self.server, &sides, async || {}).await;
    }

    async fn fill_tower(&self, sessions: &[SessionSchema]) -> Vec<Id> {
        let mut ids = Vec::new();
        for session in sessions {
            let data: HashMap<_, _> =
                session.attributes().iter().map(|(name, value)| (name.to_owned(), value.clone())).collect();
            let expiry_date = time::OffsetDateTime::from_unix_timestamp(EXPIRY.get() / 1000).unwrap();
            let mut record = Record { id: Id::default(), data, expiry_date };
            self.tower.create(&mut record).await.unwrap();
            ids.push(record.id);
        }
        ids
    }

    /// Every second session is its user's first and creates an index; the others extend one.
    async fn create(&self) {
        let json: Arc<str> = session(0, 0).to_json().into();
        let raw = Side::new("redis pipeline of SET and SADD", {
            let redis = self.redis.clone();
            move |number| {
                let (mut redis, json) = (redis.clone(), Arc::clone(&json));
                async move {
                    // Both get a session, which only one of them must serialize as JSON.
                    let session = session(number, user_of(number));
                    let mut pipeline = pipe();
                    let (key, index) = (
                        format!("session:{}", session.id.as_str()),
                        format!("userSession:{}", session.user_id.as_str()),
                    );
                    pipeline.cmd("SET").arg(key).arg(&*json).arg("PXAT").arg(session.idle_expires.get());
                    pipeline.cmd("SADD").arg(index).arg(session.id.as_str());
                    let _: (String, usize) = pipeline.query_async(&mut redis).await.unwrap();
                }
            }
        });
        let own = Side::new("set_session", {
            let adapter = self.adapter.clone();
            move |number| {
                let adapter = adapter.clone();
                async move { adapter.set_session(&session(number, user_of(number))).await.unwrap() }
            }
        });
        let tower = Side::new("tower-sessions-redis-store create", {
            let tower = self.tower.clone();
            let expiry_date = time::OffsetDateTime::from_unix_timestamp(EXPIRY.get() / 1000).unwrap();
            move |number| {
                let tower = tower.clone();
                async move {
                    let attributes = session(number, 0).attributes().clone();
                    let data = attributes.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect();
                    tower.create(&mut Record { id: Id::default(), data, expiry_date }).await.unwrap();
                }
            }
        });
        let mut indexes = pipe();
        indexes.cmd("FLUSHALL");
        for user in 0..SESSIONS {
            let index = format!("userSession:user{user}");
            indexes.sadd(&index, "another").pexpire_at(&index, EXPIRY.get() - 1);
        }
        let prepare = async || indexes.query_async::<()>(&mut self.redis.clone()).await.unwrap();
        let lucia_js = self.in_lucia_js("setSession of Lucia JS", "set");
        compare("Create a session", &TASKS, self.server, &[raw, own, tower, lucia_js], prepare).await;
    }

    async fn list(&self) {
        self.fill(LISTED).await;
        let raw = Side::new("redis SMEMBERS and MGET", {
            let redis = self.redis.clone();
            move |number| {
                let mut redis = redis.clone();
                async move {
                    let index = format!("userSession:user{}", number % (SESSIONS / LISTED));
                    let ids: Vec<String> = redis.smembers(index).await.unwrap();
                    let mut command = cmd("MGET");
                    for id in &ids {
                        command.arg(format!("session:{id}"));
                    }
                    let values: Vec<Option<Vec<u8>>> = command.query_async(&mut redis).await.unwrap();
                    assert_eq!(values.len(), LISTED);
                }
            }
        });
        let own = Side::new("get_sessions_by_user_id", {
            let adapter = self.adapter.clone();
            move |number| {
                let adapter = adapter.clone();
                async move {
                    let user = UserId::new(format!("user{}", number % (SESSIONS / LISTED)));
                    assert_eq!(adapter.get_sessions_by_user_id(&user).await.unwrap().len(), LISTED);
                }
            }
        });
        let lucia_js = self.in_lucia_js("getSessionsByUserId of Lucia JS", "list");
        compare("List 20 sessions", &TASKS, self.server, &[raw, own, lucia_js], async || {}).await;
    }

    fn in_lucia_js(&self, name: &'static str, subject: &'static str) -> Side {
        Side::in_node(name, &self.lucia_js, subject)
    }

    /// For information only: the sides send different commands.
    async fn change(&self) {
        let sessions = self.fill(1).await;
        let key = |number: usize| format!("session:{}", id(number % SESSIONS));
        let raw = Side::new("redis GET", {
            let redis = self.redis.clone();
            move |number| {
                let mut redis = redis.clone();
                async move { drop(redis.get::<_, Vec<u8>>(key(number)).await.unwrap()) }
            }
        });
        let renew = change("renewal", &self.adapter, &sessions, |adapter, session| async move {
            adapter.update_session(&session.id, &SessionUpdate::renewal(EXPIRY, EXPIRY)).await.unwrap();
        });
        let update = change("update of an attribute", &self.adapter, &sessions, |adapter, session| async move {
            let update = SessionUpdate::default().with_attributes(Attributes::from([("country", "NZ")])).unwrap();
            adapter.update_session(&session.id, &update).await.unwrap();
        });
        let absent = change("delete_session of none", &self.adapter, &sessions, |adapter, _| async move {
            adapter.delete_session(&SessionId::from("none")).await.unwrap();
        });
        compare("Change a session", &TASKS, self.server, &[raw, renew, update, absent], async || {}).await;
    }
}

fn read<A: SessionAdapter + Clone>(name: &'static str, adapter: &A, sessions: &Arc<Vec<SessionSchema>>) -> Side {
    let (adapter, sessions) = (adapter.clone(), Arc::clone(sessions));
    Side::new(name, move |number| {
        let (adapter, sessions) = (adapter.clone(), Arc::clone(&sessions));
        async move {
            let session = adapter.get_session(&sessions[number % SESSIONS].id).await.unwrap();
            assert!(session.is_some());
        }
    })
}

fn change<T: Future<Output = ()> + Send + 'static>(
    name: &'static str,
    adapter: &RedisSessionAdapter<ConnectionManager>,
    sessions: &Arc<Vec<SessionSchema>>,
    change: impl Fn(RedisSessionAdapter<ConnectionManager>, SessionSchema) -> T + Clone + Send + 'static,
) -> Side {
    let (adapter, sessions) = (adapter.clone(), Arc::clone(sessions));
    Side::new(name, move |number| change(adapter.clone(), sessions[number % SESSIONS].clone()))
}

/// Returns one of the users with sessions, or another one.
const fn user_of(number: usize) -> usize {
    if number.is_multiple_of(2) { number / 2 % SESSIONS } else { SESSIONS + number }
}

/// Returns a session with about 200 bytes of JSON. Each expires later than the previous one.
fn session(number: usize, user: usize) -> SessionSchema {
    let attributes = Attributes::from([("country", "DE"), ("device", "Firefox on Linux, in the office")]);
    let expires = UnixMillis::new(EXPIRY.get() + i64::try_from(number).unwrap());
    let session = SessionSchema::new(id(number), format!("user{user}"), expires, expires);
    session.with_attributes(attributes).unwrap()
}

/// Returns an id as long and as random as those of Lucia.
fn id(number: usize) -> String {
    let golden: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
    format!("{:040x}", golden.wrapping_mul(number as u128 + 1))
}

/// Starts Lucia JS on the same server.
fn start_lucia_js(url: &str) -> NodeBench {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ids: Vec<_> = (0..SESSIONS).map(id).collect();
    let arguments = [url.to_owned(), ids.join(","), LISTED.to_string(), SESSIONS.to_string()];
    let script = folder.join("benches/throughput/lucia_js.mjs");
    NodeBench::start(&folder.join("tests/lucia_js"), &script, arguments, Path::new(env!("CARGO_TARGET_TMPDIR")))
        .expect("Lucia JS")
}

async fn flush(redis: &ConnectionManager) {
    cmd("FLUSHALL").query_async::<()>(&mut redis.clone()).await.unwrap();
}

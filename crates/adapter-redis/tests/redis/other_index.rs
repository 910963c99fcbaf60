//! Sessions that are indexed under the prefix of another release of Lucia JS.

use std::{collections::BTreeMap, time::Duration};

use adapter_redis::{
    ConnectConfig, ConnectionError, Connections, RedisConfig, RedisSessionAdapter, RedisTokenAdapter, SetupError,
    Topology,
    redis::{
        Arg, Cmd, FromRedisValue, Pipeline, RedisFuture, Value,
        aio::{ConnectionLike, ConnectionManager},
        cmd,
    },
};
use lucia_core::{AdapterErrorKind as Kind, SessionAdapter as _, SessionSchema, TokenAdapter as _};
use test_servers::{Server, redis_server};

use crate::place::{KIND, assert_kind, now, patiently, session, token, user};

/// A separate server: these tests are about the default prefixes.
struct Store {
    redis: ConnectionManager,
    server: Server,
}

impl Store {
    async fn new() -> Self {
        let server = redis_server().unwrap().start().unwrap();
        let redis = patiently().connect(&url(&server, "")).await.unwrap();
        Self { redis, server }
    }

    async fn run<T: FromRedisValue>(&self, command: &Cmd) -> T {
        command.query_async(&mut self.redis.clone()).await.unwrap()
    }

    /// Stores a session as Lucia JS 2.0 to 2.1.2 does.
    async fn sign_in(&self, session: &SessionSchema) {
        let key = format!("session:{}", session.id.as_str());
        let _: () = self.run(cmd("SET").arg(key).arg(session.to_json())).await;
        let _: i64 =
            self.run(cmd("SADD").arg(format!("user_sessions:{}", session.user_id)).arg(session.id.as_str())).await;
    }

    /// Stores keys of another application.
    async fn fill(&self, keys: usize) {
        let pairs: Vec<_> = (0..keys).map(|number| (format!("cache:{number}"), number)).collect();
        let _: () = self.run(cmd("MSET").arg(pairs)).await;
    }

    async fn adapter(&self, config: RedisConfig) -> Result<RedisSessionAdapter<ConnectionManager>, SetupError> {
        RedisSessionAdapter::with_config(self.redis.clone(), config).await
    }

    /// Returns all keys with their values and remaining times.
    async fn dump(&self) -> BTreeMap<String, (Vec<u8>, i64)> {
        let mut dump = BTreeMap::new();
        for key in self.run::<Vec<String>>(cmd("KEYS").arg("*")).await {
            let stored = (self.run(cmd("DUMP").arg(&key)).await, self.run(cmd("PTTL").arg(&key)).await);
            dump.insert(key, stored);
        }
        dump
    }

    /// Returns how often a command was run since the server was started.
    async fn count(&self, name: &str) -> usize {
        let info: String = self.run(cmd("INFO").arg("commandstats")).await;
        let line = info.lines().find_map(|line| line.strip_prefix(&format!("cmdstat_{name}:calls=")));
        line.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap())
    }
}

/// A proxy that ignores the options of `SCAN`.
#[derive(Clone)]
struct WithoutOptions(ConnectionManager);

impl Connections for WithoutOptions {
    type Connection = Self;
    const TOPOLOGY: Topology = Topology::Single;

    async fn connection(&self) -> Result<Self, ConnectionError> {
        Ok(self.clone())
    }
}

impl ConnectionLike for WithoutOptions {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        let mut arguments = command.args_iter();
        let (name, cursor) = (arguments.next(), arguments.next());
        let scan = match (name, cursor) {
            (Some(Arg::Simple(b"SCAN")), Some(Arg::Simple(cursor))) => Some(cmd("SCAN").arg(cursor).to_owned()),
            _ => None,
        };
        Box::pin(async move { self.0.req_packed_command(scan.as_ref().unwrap_or(command)).await })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        self.0.req_packed_commands(pipeline, offset, count)
    }

    fn get_db(&self) -> i64 {
        self.0.get_db()
    }
}

fn url(server: &Server, user: &str) -> String {
    format!("redis://{user}127.0.0.1:{}", server.port())
}

/// A renewal with the wrong prefixes adds the session to their index.
#[tokio::test]
async fn a_session_in_both_indexes_does_not_hide_another() {
    let store = Store::new().await;
    for id in ["s1", "s2"] {
        store.sign_in(&session(id, "u1")).await;
    }
    let _: i64 = store.run(cmd("SADD").arg("userSession:u1").arg("s1")).await;
    for _ in 0..10 {
        let refused = store.adapter(RedisConfig::new()).await.unwrap_err();
        assert!(matches!(refused, SetupError::OtherIndex { .. }), "{refused:?}");
    }
    let _: i64 = store.run(cmd("SADD").arg("userSession:u1").arg("s2")).await;
    store.adapter(RedisConfig::new()).await.unwrap();
}

#[tokio::test]
async fn default_prefixes_are_rejected_on_a_database_of_lucia_js() {
    let store = Store::new().await;
    store.sign_in(&session("s1", "u1")).await;
    let refused = store.adapter(RedisConfig::new()).await.unwrap_err();
    let SetupError::OtherIndex { found, configured, .. } = &refused else { panic!("{refused:?}") };
    assert_eq!((found.as_str(), configured.as_str()), ("user_sessions:", "userSession:"));
    assert!(refused.to_string().contains("RedisConfig::lucia_2()"), "{refused}");
    // Other prefixes miss them too.
    let refused = store.adapter(RedisConfig::new().user_sessions_prefix("index")).await.unwrap_err();
    assert!(matches!(refused, SetupError::OtherIndex { .. }), "{refused:?}");

    let adapter = store.adapter(RedisConfig::lucia_2()).await.unwrap();
    adapter.delete_sessions_by_user_id(&user("u1")).await.unwrap();
    assert_eq!(adapter.get_session(&"s1".into()).await.unwrap(), None);
    store.adapter(RedisConfig::new()).await.unwrap();
}

/// An adapter for tokens needs no sessions, and neither reads nor changes those that are there.
#[tokio::test]
async fn tokens_and_counters_leave_the_sessions_of_lucia_js_alone() {
    const WINDOW: Duration = Duration::from_secs(60);
    let store = Store::new().await;
    for id in ["s1", "s2"] {
        store.sign_in(&session(id, "u1")).await;
    }
    let _: i64 = store.run(cmd("SADD").arg("user_sessions:u1").arg("expired")).await;
    let refused = store.adapter(RedisConfig::new()).await.unwrap_err();
    assert!(matches!(refused, SetupError::OtherIndex { .. }), "{refused:?}");
    let before = store.dump().await;
    let scans = store.count("scan").await;

    let tokens = RedisTokenAdapter::new(store.redis.clone()).await.unwrap();
    for id in ["t1", "t2", "t3"] {
        tokens.set_token(&token(id, "u1")).await.unwrap();
    }
    assert_kind(tokens.set_token(&token("t1", "u1")).await, Kind::DuplicateTokenId);
    assert!(tokens.get_token(&KIND, &"t1".into()).await.unwrap().is_some());
    assert!(tokens.take_token(&KIND, &"t1".into()).await.unwrap().is_some());
    for id in ["s1", "session:s1"] {
        assert_eq!(tokens.take_token(&KIND, &id.into()).await.unwrap(), None);
    }
    tokens.delete_tokens(Some(&KIND), &user("u1")).await.unwrap();
    tokens.set_token(&token("t4", "u1")).await.unwrap();
    tokens.delete_tokens(None, &user("u1")).await.unwrap();
    tokens.set_token(&token("t5", "u1")).await.unwrap();
    for (by, sum) in [(2, 2), (-1, 1)] {
        assert_eq!(tokens.add_to_counter("u1", by, WINDOW, now()).await.unwrap().value, sum);
    }
    tokens.delete_expired_tokens(now(), 100).await.unwrap();

    let mut after = store.dump().await;
    for key in ["token:t5", "userToken:u1", "counter:u1"] {
        assert!(after.contains_key(key), "{key}");
    }
    after.retain(|key, _| !["token:", "userToken:", "counter:"].iter().any(|prefix| key.starts_with(prefix)));
    assert_eq!(after, before);
    assert_eq!(store.count("scan").await, scans, "no keys are searched");
}

#[tokio::test]
async fn a_few_sessions_among_many_keys_are_found_at_bounded_cost() {
    let store = Store::new().await;
    store.fill(60_000).await;
    store.adapter(RedisConfig::new()).await.unwrap();
    let scans = store.count("scan").await;
    assert!(scans <= 10, "{scans}");
    for number in 0..600 {
        store.sign_in(&session(&format!("s{number}"), &format!("u{number}"))).await;
    }
    store.adapter(RedisConfig::new()).await.unwrap_err();
}

#[tokio::test]
async fn an_index_without_live_sessions_is_accepted() {
    let store = Store::new().await;
    // An index of expired sessions, which Lucia JS never removes; a key of another application; another user's session.
    let _: i64 = store.run(cmd("SADD").arg("user_sessions:u1").arg(&["gone", "long-gone"])).await;
    let _: i64 = store.run(cmd("HSET").arg("user_sessions:u2").arg(&["field", "value"])).await;
    let mut theirs = session("s3", "another-user");
    store.sign_in(&theirs).await;
    let _: i64 = store.run(cmd("SADD").arg("user_sessions:u3").arg("s3")).await;
    let _: i64 = store.run(cmd("DEL").arg("user_sessions:another-user")).await;
    store.adapter(RedisConfig::new()).await.unwrap();
    // Sessions whose index was migrated.
    theirs.id = "s4".into();
    store.sign_in(&theirs).await;
    let _: i64 = store.run(cmd("SADD").arg("userSession:another-user").arg("s4")).await;
    store.adapter(RedisConfig::new()).await.unwrap();
    // A session prefix that Lucia JS does not use.
    store.sign_in(&session("s5", "u5")).await;
    store.adapter(RedisConfig::new().session_prefix("app")).await.unwrap();
    store.adapter(RedisConfig::lucia_1()).await.unwrap();
}

/// After the default prefixes were used by mistake, an adapter with the right ones can be created.
#[tokio::test]
async fn sessions_of_the_default_prefixes_only_cause_a_warning() {
    let store = Store::new().await;
    store.adapter(RedisConfig::new()).await.unwrap().set_session(&session("ours", "u1")).await.unwrap();
    store.sign_in(&session("theirs", "u1")).await;
    store.adapter(RedisConfig::new()).await.unwrap_err();
    store.adapter(RedisConfig::lucia_2()).await.unwrap();
}

/// The check of indexes is skipped if the user lacks permissions.
#[tokio::test]
async fn an_adapter_is_created_without_permission_to_scan() {
    let store = Store::new().await;
    store.sign_in(&session("s1", "u1")).await;
    for (name, rules) in [("no-scan", ["~*", "-scan"]), ("no-keys", ["~session:*", "~userSession:*"])] {
        let mut acl = cmd("ACL");
        acl.arg("SETUSER").arg(name).arg(&["on", ">hunter2", "+@all"]).arg(&rules);
        let _: () = store.run(&acl).await;
        let own = ConnectConfig::new().connect(&url(&store.server, &format!("{name}:hunter2@"))).await.unwrap();
        RedisSessionAdapter::new(own).await.unwrap();
    }
}

#[tokio::test]
async fn keys_of_other_applications_are_skipped_if_match_is_ignored() {
    let store = Store::new().await;
    // Keys that are shorter than the prefix of an index, and of the same length.
    let _: () = store.run(cmd("MSET").arg(&["k", "v", "other_indexes:", "v"])).await;
    let _: i64 = store.run(cmd("SADD").arg("tags").arg("s1")).await;
    RedisSessionAdapter::new(WithoutOptions(store.redis.clone())).await.unwrap();
    store.sign_in(&session("s1", "u1")).await;
    let refused = RedisSessionAdapter::new(WithoutOptions(store.redis.clone())).await.unwrap_err();
    assert!(matches!(refused, SetupError::OtherIndex { .. }), "{refused:?}");
}

/// Each of the two namespaces of Lucia JS is optional, and both have a default.
#[tokio::test]
async fn each_prefix_may_be_set_alone() {
    let store = Store::new().await;
    for (number, (config, sessions, index)) in [
        (RedisConfig::new(), "session", "userSession"),
        (RedisConfig::new().session_prefix("session").user_sessions_prefix("userSession"), "session", "userSession"),
        (RedisConfig::new().session_prefix("app"), "app", "userSession"),
        (RedisConfig::new().user_sessions_prefix("app"), "session", "app"),
    ]
    .into_iter()
    .enumerate()
    {
        let stored = session("s1", &format!("u{number}"));
        store.adapter(config).await.unwrap().set_session(&stored).await.unwrap();
        let (key, index) = (format!("{sessions}:s1"), format!("{index}:u{number}"));
        assert_eq!(store.run::<String>(cmd("GET").arg(&key)).await, stored.to_json());
        assert_eq!(store.run::<Vec<String>>(cmd("SMEMBERS").arg(&index)).await, ["s1"]);
        assert_eq!(store.dump().await.len(), 2, "no other keys");
        let _: () = store.run(&cmd("FLUSHALL")).await;
    }
}

use std::env;

use super::{
    client::info_field,
    standalone::{program, redis_server},
    topology::{TIMEOUT, ask, expect, urls_from_env, wait},
};
use crate::{Server, ServerBuilder, ServiceError};

const PRIMARY_NAME: &str = "primary";
const REPLICAS: usize = 2;
const SENTINELS: usize = 3;

/// A primary, two replicas and three sentinels.
///
/// ```no_run
/// # fn main() -> Result<(), test_servers::ServiceError> {
/// use test_servers::RedisSentinel;
///
/// let mut redis = RedisSentinel::start()?;
/// let primary = redis.primary().expect("ready servers have a primary");
/// redis.servers_mut()[primary].kill()?;
/// redis.wait_for_fail_over(primary)?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct RedisSentinel {
    primary_name: String,
    urls: Vec<String>,
    servers: Vec<Server>,
    sentinels: Vec<Server>,
}

/// Returns the sentinels that `LUCIA_TEST_REDIS_SENTINEL_URLS` names, a list separated by commas, or starts them.
///
/// `LUCIA_TEST_REDIS_SENTINEL_NAME` is the name of the primary. Defaults to `mymaster`.
///
/// # Errors
/// [`ServiceError`] if they cannot be started.
pub fn redis_sentinel() -> Result<RedisSentinel, ServiceError> {
    let Some(urls) = urls_from_env("LUCIA_TEST_REDIS_SENTINEL_URLS") else {
        return RedisSentinel::start();
    };
    let primary_name = env::var("LUCIA_TEST_REDIS_SENTINEL_NAME").unwrap_or_else(|_| "mymaster".to_owned());
    Ok(RedisSentinel { primary_name, urls, servers: Vec::new(), sentinels: Vec::new() })
}

impl RedisSentinel {
    /// Starts all servers, and waits until the replicas are in sync and the sentinels agree.
    ///
    /// A primary that does not answer for 1.5 s is replaced.
    ///
    /// # Errors
    /// [`ServiceError`] if a server cannot be started, or if they do not find one another.
    pub fn start() -> Result<Self, ServiceError> {
        let primary = redis_server()?.start()?;
        let port = primary.port().to_string();
        let mut servers = vec![primary];
        for _ in 0..REPLICAS {
            servers.push(redis_server()?.args(["--replicaof", "127.0.0.1", &port]).start()?);
        }
        // Sentinels look for replicas every ten seconds, so all replicas should be there at the first look.
        wait("Redis", "replicated", || check_replication(&servers, &servers[0]))?;
        let sentinels = (0..SENTINELS).map(|_| sentinel(&port)?.start()).collect::<Result<Vec<_>, _>>()?;
        let urls = sentinels.iter().map(|sentinel| format!("redis://127.0.0.1:{}", sentinel.port())).collect();
        let service = Self { primary_name: PRIMARY_NAME.to_owned(), urls, servers, sentinels };
        service.wait_until_ready()?;
        Ok(service)
    }

    /// Returns the name of the primary.
    #[must_use]
    pub fn primary_name(&self) -> &str {
        &self.primary_name
    }

    /// Returns the URLs of the sentinels.
    #[must_use]
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// Returns the servers that hold data, or an empty slice if this process did not start them.
    #[must_use]
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// Returns the servers that hold data, to stop and restart them.
    pub fn servers_mut(&mut self) -> &mut [Server] {
        &mut self.servers
    }

    /// Returns the sentinels, to stop and restart them.
    pub fn sentinels_mut(&mut self) -> &mut [Server] {
        &mut self.sentinels
    }

    /// Returns the index of the primary, if every sentinel that answers and the server itself agree on it.
    #[must_use]
    pub fn primary(&self) -> Option<usize> {
        let named = |sentinel: &Server| {
            let reply = ask(sentinel.port(), &["SENTINEL", "GET-MASTER-ADDR-BY-NAME", &self.primary_name]).ok()?;
            reply.items().get(1)?.text().parse::<u16>().ok()
        };
        let mut ports = self.sentinels.iter().filter_map(named);
        let port = ports.next()?;
        if !ports.all(|other| other == port) {
            return None;
        }
        let info = ask(port, &["INFO", "replication"]).ok()?;
        let position = self.servers.iter().position(|server| server.port() == port);
        position.filter(|_| info_field(info.text(), "role") == "master")
    }

    /// Waits until another server is the primary instead of `old`, and returns its index.
    ///
    /// # Errors
    /// [`ServiceError::Late`] if there is no fail-over in time.
    pub fn wait_for_fail_over(&self, old: usize) -> Result<usize, ServiceError> {
        let new = || self.primary().filter(|new| *new != old);
        wait("Redis Sentinel", "failed over", || {
            expect(new().is_some(), || format!("server {old} is still the primary"))
        })?;
        new().ok_or_else(|| ServiceError::Late {
            program: "Redis Sentinel".to_owned(),
            awaited: "settled",
            seconds: TIMEOUT.as_secs(),
            log: "the sentinels no longer agree".to_owned(),
        })
    }

    /// Waits until all members run, agree and are in sync.
    ///
    /// # Errors
    /// [`ServiceError::Late`] with what is missing.
    pub fn wait_until_ready(&self) -> Result<(), ServiceError> {
        wait("Redis Sentinel", "ready", || self.check())
    }

    fn check(&self) -> Result<(), String> {
        let primary = self.primary().ok_or("the sentinels do not agree on a primary")?;
        check_replication(&self.servers, &self.servers[primary])?;
        self.sentinels.iter().try_for_each(|sentinel| self.check_sentinel(sentinel.port()))
    }

    fn check_sentinel(&self, sentinel: u16) -> Result<(), String> {
        let primary = ask(sentinel, &["SENTINEL", "MASTER", &self.primary_name])?;
        let sees = |name: &str, what: String| {
            expect(primary.field(name) == what, || format!("{sentinel}: {name} is {}", primary.field(name)))
        };
        sees("flags", "master".to_owned())?;
        sees("num-slaves", (self.servers.len() - 1).to_string())?;
        sees("num-other-sentinels", (self.sentinels.len() - 1).to_string())?;
        ask(sentinel, &["SENTINEL", "CKQUORUM", &self.primary_name])?;
        for replica in ask(sentinel, &["SENTINEL", "REPLICAS", &self.primary_name])?.items() {
            let state = (replica.field("flags"), replica.field("master-link-status"));
            expect(state == ("slave", "ok"), || format!("{sentinel}: a replica is {state:?}"))?;
        }
        Ok(())
    }
}

/// Checks that all other servers are replicas of the primary and in sync.
fn check_replication(servers: &[Server], primary: &Server) -> Result<(), String> {
    let info = ask(primary.port(), &["INFO", "replication"])?;
    let in_sync = info.text().lines().filter(|line| line.starts_with("slave") && line.contains("state=online"));
    expect(in_sync.count() == servers.len() - 1, || info.text().to_owned())?;
    for server in servers.iter().filter(|server| server.port() != primary.port()) {
        let info = ask(server.port(), &["INFO", "replication"])?;
        expect(info_field(info.text(), "master_link_status") == "up", || info.text().to_owned())?;
    }
    Ok(())
}

fn sentinel(primary: &str) -> Result<ServerBuilder, ServiceError> {
    // A sentinel writes what it learns to its configuration file.
    let configuration = format!(
        "port {{port}}
bind 127.0.0.1
dir {{folder}}
sentinel monitor {PRIMARY_NAME} 127.0.0.1 {primary} 2
sentinel down-after-milliseconds {PRIMARY_NAME} 1500
sentinel failover-timeout {PRIMARY_NAME} 3000
sentinel parallel-syncs {PRIMARY_NAME} {REPLICAS}
"
    );
    Ok(ServerBuilder::new(program()?)
        .file("sentinel.conf", configuration)
        .args(["{folder}/sentinel.conf", "--sentinel"])
        .ready(|server| ask(server.port(), &["PING"]).is_ok()))
}

mod client;
mod cluster;
mod sentinel;

use std::{path::PathBuf, thread, time::Duration};

use self::client::{Reply, call};
pub use self::{
    cluster::{RedisCluster, redis_cluster},
    sentinel::{RedisSentinel, redis_sentinel},
};
use super::{Database, ServerBuilder, Service, ServiceError, server::find_program};

/// For members to find one another. It takes seconds; a busy machine takes longer.
const PATIENCE: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(50);

/// A Redis server for tests that only use it: `LUCIA_TEST_REDIS_URL`, or one that is started.
///
/// # Errors
/// [`ServiceError`] if there is none.
///
/// ```no_run
/// # fn main() -> Result<(), test_servers::ServiceError> {
/// let redis = test_servers::redis()?;
/// println!("{}", redis.url()); // redis://127.0.0.1:12345
/// # Ok(()) }
/// ```
pub fn redis() -> Result<Service, ServiceError> {
    Service::from_env_or("LUCIA_TEST_REDIS_URL", Database::Redis, || {
        let server = redis_server()?.start()?;
        Ok((format!("redis://127.0.0.1:{}", server.port()), server))
    })
}

/// A Redis server of one's own: `redis-server`, or `valkey-server`, or the program that `LUCIA_TEST_REDIS_SERVER` names.
/// Options such as `--maxmemory` and its value can be added.
///
/// An acknowledged write outlives the server's process, not the machine.
///
/// # Errors
/// [`ServiceError::Missing`] if it is not installed.
pub fn redis_server() -> Result<ServerBuilder, ServiceError> {
    let options = ["--port", "{port}", "--bind", "127.0.0.1", "--dir", "{folder}"];
    // The log is written before the reply is sent. Without snapshots and rewrites no second process competes for the cores.
    let durable = ["--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0", "--save", ""];
    // A replica that connects is served at once, without a file.
    let replication = ["--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0"];
    Ok(ServerBuilder::new(program()?)
        .args(options)
        .args(durable)
        .args(replication)
        // An error while it reads its log, and none when it has.
        .ready(|server| call(server.port(), &["PING"]).is_ok()))
}

fn program() -> Result<PathBuf, ServiceError> {
    let named = std::env::var("LUCIA_TEST_REDIS_SERVER").ok().filter(|program| !program.is_empty());
    let found = match &named {
        Some(program) => find_program(program, &[]),
        None => find_program("redis-server", &[]).or_else(|| find_program("valkey-server", &[])),
    };
    found.ok_or_else(|| ServiceError::Missing {
        program: named.unwrap_or_else(|| "redis-server".to_owned()),
        package: "redis-server",
        alternative: ", or set LUCIA_TEST_REDIS_URL, LUCIA_TEST_REDIS_SENTINEL_URLS and LUCIA_TEST_REDIS_CLUSTER_URLS"
            .to_owned(),
    })
}

/// The URLs in an environment variable, separated by commas.
fn urls_from_env(variable: &str) -> Option<Vec<String>> {
    let urls = std::env::var(variable).ok().filter(|urls| !urls.is_empty())?;
    Some(urls.split(',').map(|url| url.trim().to_owned()).collect())
}

/// Waits until several servers have become one service. What the probe misses last becomes the error's log.
fn wait(what: &str, awaited: &'static str, probe: impl Fn() -> Result<(), String>) -> Result<(), ServiceError> {
    let mut missing = String::new();
    for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
        match probe() {
            Ok(()) => return Ok(()),
            Err(reason) => missing = reason,
        }
        thread::sleep(PAUSE);
    }
    Err(ServiceError::Late { program: what.to_owned(), awaited, seconds: PATIENCE.as_secs(), log: missing })
}

/// Asks a server for what a probe looks at.
fn ask(port: u16, command: &[&str]) -> Result<Reply, String> {
    call(port, command).map_err(|error| format!("{port}: {}: {error}", command.join(" ")))
}

/// Waits for nothing more than this.
fn expect(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

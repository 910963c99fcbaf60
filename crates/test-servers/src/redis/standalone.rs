use std::{env, path::PathBuf};

use super::client::call;
use crate::{ServerBuilder, Service, ServiceError, program::find_program, service::Database};

/// Returns the Redis server that `LUCIA_TEST_REDIS_URL` names, or starts one.
///
/// # Errors
/// [`ServiceError`] if the server cannot be started.
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

/// Configures a Redis server: `redis-server`, `valkey-server`, or the program that `LUCIA_TEST_REDIS_SERVER` names.
/// Options such as `--maxmemory` and its value can be added.
///
/// An acknowledged write survives a crash of the server, though not one of the machine.
///
/// # Errors
/// [`ServiceError::Missing`] if the program is not installed.
pub fn redis_server() -> Result<ServerBuilder, ServiceError> {
    let options = ["--port", "{port}", "--bind", "127.0.0.1", "--dir", "{folder}"];
    // The log is written before the reply is sent. No second process writes snapshots or rewrites the log.
    let durable = ["--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0", "--save", ""];
    // A replica is served at once, without a file.
    let replication = ["--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0"];
    Ok(ServerBuilder::new(program()?)
        .args(options)
        .args(durable)
        .args(replication)
        // PING fails while the server reads its log.
        .ready(|server| call(server.port(), &["PING"]).is_ok()))
}

pub(super) fn program() -> Result<PathBuf, ServiceError> {
    let named = env::var("LUCIA_TEST_REDIS_SERVER").ok().filter(|program| !program.is_empty());
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

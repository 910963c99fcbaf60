//! The server of the npm package `unstorage`.

use std::fmt;

use adapter_tests::service::{self, Server};

use super::npm;

/// The releases that the tests run against: the newest one, one of spring 2024, and the oldest that Lucia's adapter takes.
pub const NEWEST: &str = "1.17.6";
pub const OLDER: &str = "1.10.2";
pub const OLDEST: &str = "1.9.0";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    Memory,
    Fs,
    Redis,
}

/// A server in front of a storage of its own.
pub struct Unstorage {
    pub server: Server,
    pub redis: Option<Server>,
}

impl Unstorage {
    pub fn start(version: &str, driver: Driver) -> Self {
        Self::start_with(version, driver, "")
    }

    /// One that wants a token, unless it is empty.
    pub fn start_with(version: &str, driver: Driver, token: &str) -> Self {
        let redis = (driver == Driver::Redis).then(|| service::redis_server().unwrap().start().unwrap());
        let (name, options) = match (driver, &redis) {
            (Driver::Redis, Some(redis)) => ("redis", format!(r#"{{"host":"127.0.0.1","port":{}}}"#, redis.port())),
            (Driver::Fs, _) => ("fs", r#"{"base":"{folder}/data"}"#.to_owned()),
            _ => ("memory", "{}".to_owned()),
        };
        let script = npm::script(&format!("unstorage-{version}"), "server.mjs");
        let server = Server::builder("node").unwrap();
        let server = server.args([&script.display().to_string(), "{port}", name, &options]).env("TOKEN", token);
        Self { server: server.start().unwrap(), redis }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.port())
    }
}

impl fmt::Debug for Unstorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unstorage")
    }
}

//! The server of the npm package `unstorage`.

use std::{fmt, path::Path};

use test_servers::Server;

use super::npm_script;

/// The tested releases: the newest, one of spring 2024, and the oldest that Lucia's adapter supports.
pub const NEWEST: &str = "1.17.6";
pub const OLDER: &str = "1.10.2";
pub const OLDEST: &str = "1.9.0";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    Memory,
    Fs,
    Redis,
    Azure,
}

/// A server with its own storage.
pub struct Unstorage {
    pub server: Server,
    pub redis: Option<Server>,
    _azurite: Option<Server>,
}

impl Unstorage {
    pub fn start(version: &str, driver: Driver) -> Self {
        Self::start_with(version, driver, "")
    }

    /// Starts a server that requires a token, unless it is empty.
    pub fn start_with(version: &str, driver: Driver, token: &str) -> Self {
        if driver == Driver::Azure {
            assert_eq!((version, token), (NEWEST, ""), "only this combination is installed");
            return Self::start_azure();
        }
        let redis = (driver == Driver::Redis).then(|| test_servers::redis_server().unwrap().start().unwrap());
        let (name, options) = match (driver, &redis) {
            (Driver::Redis, Some(redis)) => ("redis", format!(r#"{{"host":"127.0.0.1","port":{}}}"#, redis.port())),
            (Driver::Fs, _) => ("fs", r#"{"base":"{folder}/data"}"#.to_owned()),
            _ => ("memory", "{}".to_owned()),
        };
        let script = npm_script(&format!("unstorage-{version}"), "server.mjs");
        let server = Server::builder("node").unwrap();
        let server = server.args([&script.display().to_string(), "{port}", name, &options]).env("TOKEN", token);
        Self { server: server.start().unwrap(), redis, _azurite: None }
    }

    /// Starts a server in front of Azurite, Microsoft's emulator of Azure Blob Storage.
    fn start_azure() -> Self {
        let script = npm_script("unstorage-azure", "azure.mjs");
        let azurite = test_servers::azurite_server(Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap().start().unwrap();
        let connection = format!(
            "DefaultEndpointsProtocol=http;AccountName=lucia;AccountKey=YSBrZXkgb2YgdGVzdHM=;\
             BlobEndpoint=http://127.0.0.1:{}/lucia;",
            azurite.port()
        );
        let server = Server::builder("node").unwrap();
        let server = server.args([script.display().to_string(), "{port}".to_owned(), connection]);
        Self { server: server.start().unwrap(), redis: None, _azurite: Some(azurite) }
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

//! The server of the npm package `unstorage`.

use std::{env, fmt, io, path::Path};

use lucia_core::UnixMillis;
use serde_json::{Value, json};
use test_servers::{
    Server, ServerBuilder,
    upstash::{self, Database, Front},
};
use tokio::runtime::Handle;

use super::{
    cloudflare::{self, ACCOUNT, Cloudflare, NAMESPACE},
    npm_script, redis_expiry,
};

/// The tested releases: the newest, one of spring 2024, and the oldest that Lucia's adapter supports.
pub const NEWEST: &str = "1.17.6";
pub const OLDER: &str = "1.10.2";
pub const OLDEST: &str = "1.9.0";

/// The variable with the URL of a MongoDB server. There is none to start here.
pub const MONGODB_URL: &str = "LUCIA_TEST_MONGODB_URL";

/// The folder of the packages that are clients of a service.
const CLIENTS: &str = "unstorage-clients";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    Memory,
    Fs,
    Redis,
    Upstash,
    VercelKv,
    Azure,
    CloudflareKv,
    PlanetScale,
    MongoDb,
}

impl Driver {
    /// Returns `true` if it drops expired keys. Releases before 1.12 tell no driver when a key expires.
    pub fn expires_keys(self) -> bool {
        matches!(self, Self::Redis | Self::Upstash | Self::VercelKv | Self::CloudflareKv)
    }

    /// Returns its name in the package.
    fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Fs => "fs",
            Self::Redis => "redis",
            Self::Upstash => "upstash",
            Self::VercelKv => "vercel-kv",
            Self::Azure => "azure-storage-blob",
            Self::CloudflareKv => "cloudflare-kv-http",
            Self::PlanetScale => "planetscale",
            Self::MongoDb => "mongodb",
        }
    }

    /// Returns the script that serves it.
    fn script(self) -> &'static str {
        match self {
            Self::Azure => "azure.mjs",
            Self::MongoDb => "mongodb.mjs",
            _ => "server.mjs",
        }
    }

    /// Returns the folder of its packages. Those of the clients of services are installed for the newest release only.
    fn package(self, version: &str) -> String {
        match self {
            Self::Memory | Self::Fs | Self::Redis => format!("unstorage-{version}"),
            _ if version != NEWEST => panic!("{self:?} is not installed for {version}"),
            Self::Azure => "unstorage-azure".to_owned(),
            _ => CLIENTS.to_owned(),
        }
    }
}

/// A server with its own storage.
pub struct Unstorage {
    pub server: Server,
    backing: Backing,
}

/// The storage behind a driver.
enum Backing {
    /// The process or the folder of the server, or a service of the environment.
    Own,
    Redis(Server),
    Upstash(Database, #[expect(dead_code, reason = "ends with the server")] Front),
    Azurite(#[expect(dead_code, reason = "ends with the server")] Server),
    Cloudflare(Cloudflare),
    /// PlanetScale's API, and the MySQL server behind it.
    PlanetScale(#[expect(dead_code, reason = "end with the server")] [Server; 2]),
}

impl Unstorage {
    /// Starts a server. Blocks; the storage of some drivers runs on the runtime that the caller is in.
    pub fn start(version: &str, driver: Driver) -> Self {
        Self::start_with(version, driver, "")
    }

    /// Starts a server that requires a token, unless it is empty.
    pub fn start_with(version: &str, driver: Driver, token: &str) -> Self {
        let (backing, options) = back(driver);
        let options = options.to_string();
        let server = node(&driver.package(version), driver.script(), &["{port}", driver.name(), &options]);
        Self { server: server.env("TOKEN", token).start().unwrap(), backing }
    }

    /// Starts a server of the newest release with a driver that needs no storage of ours.
    pub fn start_on_its_own(driver: &str, options: &Value) -> Self {
        let server = node(&Driver::Memory.package(NEWEST), "server.mjs", &["{port}", driver, &options.to_string()]);
        Self { server: server.start().unwrap(), backing: Backing::Own }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.port())
    }

    /// Returns the time at which the storage will drop a key.
    pub async fn expiry(&self, key: &str) -> io::Result<Option<UnixMillis>> {
        match &self.backing {
            Backing::Redis(redis) => redis_expiry(redis.port(), key),
            Backing::Upstash(database, _) => {
                let millis: i64 = database.run(&["PEXPIRETIME", key]).await.map_err(io::Error::other)?;
                Ok((millis >= 0).then_some(UnixMillis::new(millis)))
            }
            Backing::Cloudflare(cloudflare) => Ok(cloudflare.namespace.expiry(key)),
            Backing::Own | Backing::Azurite(_) | Backing::PlanetScale(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

/// Starts the storage behind a driver, and returns the driver's options.
fn back(driver: Driver) -> (Backing, Value) {
    match driver {
        Driver::Memory => (Backing::Own, json!({})),
        Driver::Fs => (Backing::Own, json!({ "base": "{folder}/data" })),
        Driver::Redis => {
            let redis = test_servers::redis_server().unwrap().start().unwrap();
            let options = json!({ "host": "127.0.0.1", "port": redis.port() });
            (Backing::Redis(redis), options)
        }
        Driver::Upstash | Driver::VercelKv => {
            let database = Handle::current().block_on(Database::start()).unwrap();
            let front = Handle::current().block_on(Front::start(&database)).unwrap();
            let options = json!({
                "url": front.url,
                "token": upstash::TOKEN,
                // As docs/unstorage.md recommends.
                "automaticDeserialization": false,
                "retry": { "retries": 0 },
                "scanCount": 10_000,
            });
            (Backing::Upstash(database, front), options)
        }
        Driver::Azure => {
            let azurite = test_servers::azurite_server(Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap();
            let azurite = azurite.start().unwrap();
            let connection = format!(
                "DefaultEndpointsProtocol=http;AccountName=lucia;AccountKey=YSBrZXkgb2YgdGVzdHM=;\
                 BlobEndpoint=http://127.0.0.1:{}/lucia;",
                azurite.port()
            );
            (Backing::Azurite(azurite), json!({ "connectionString": connection }))
        }
        Driver::CloudflareKv => {
            let cloudflare = Handle::current().block_on(Cloudflare::start());
            let options = json!({
                "accountId": ACCOUNT,
                "namespaceId": NAMESPACE,
                "apiToken": cloudflare::TOKEN,
                "apiURL": cloudflare.url.trim_end_matches("/client/v4"),
            });
            (Backing::Cloudflare(cloudflare), options)
        }
        Driver::PlanetScale => {
            let mysql = test_servers::mysql_server().unwrap().start().unwrap();
            let port = mysql.port().to_string();
            let api = node(CLIENTS, "planetscale-api.mjs", &["{port}", &port, "lucia", "lucia"]).start().unwrap();
            let options = json!({ "url": format!("http://lucia:lucia@127.0.0.1:{}/sessions", api.port()) });
            (Backing::PlanetScale([api, mysql]), options)
        }
        Driver::MongoDb => {
            let url = env::var(MONGODB_URL).unwrap();
            (Backing::Own, json!({ "connectionString": url, "databaseName": "lucia_tests" }))
        }
    }
}

fn node(package: &str, script: &str, arguments: &[&str]) -> ServerBuilder {
    let script = npm_script(package, script).display().to_string();
    Server::builder("node").unwrap().arg(script).args(arguments.iter().copied())
}

impl fmt::Debug for Unstorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unstorage")
    }
}

//! The servers that the tests run against.

#![allow(dead_code, unreachable_pub, reason = "each target uses only part of it")]
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

pub mod cloudflare;
pub mod proxy;
pub mod unstorage;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use adapter_kv_http::reqwest;
use lucia_core::{Clock as _, SystemClock, UnixMillis};

/// Installs the packages of a folder below `npm`, with a script, and returns the path of the script.
pub fn npm_script(package: &str, script: &str) -> PathBuf {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/npm");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    test_servers::npm_packages(&sources.join(package), &[&sources.join(script)], target).unwrap().join(script)
}

/// Returns the time in this number of seconds.
pub fn in_seconds(seconds: i64) -> UnixMillis {
    UnixMillis::new(SystemClock.now().get() + seconds * 1_000)
}

/// Returns an expiry. All of them need the same index entry, which is rewritten about once a month.
pub fn within_a_month(seconds: i64) -> UnixMillis {
    const MONTH: i64 = 30 * 24 * 3_600_000;
    let next_but_one = (SystemClock.now().get() / MONTH + 2) * MONTH;
    UnixMillis::new(next_but_one - 3 * 24 * 3_600_000 + seconds * 1_000)
}

/// Returns the time at which a Redis server will drop a key.
pub fn redis_expiry(port: u16, key: &str) -> std::io::Result<Option<UnixMillis>> {
    use std::io::{BufRead as _, Write as _};

    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port))?;
    write!(stream, "PEXPIRETIME {key}\r\n")?;
    let mut reply = String::new();
    std::io::BufReader::new(stream).read_line(&mut reply)?;
    let millis = reply.trim().strip_prefix(':').and_then(|digits| digits.parse().ok());
    let millis = millis.ok_or_else(|| std::io::Error::other(reply))?;
    Ok((millis >= 0).then_some(UnixMillis::new(millis)))
}

/// Returns a plain client. It does not load certificates, which would be slow, and closes connections before Node does.
pub fn http_client() -> reqwest::Client {
    let client = reqwest::Client::builder().tls_certs_only([]).redirect(reqwest::redirect::Policy::none());
    client.no_proxy().pool_idle_timeout(Duration::from_secs(2)).build().unwrap()
}

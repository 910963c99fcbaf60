//! The proxies of the environment.

use std::{env, process::Command};

use adapter_kv_http::{HttpConfig, UnstorageConfig, UnstorageStore};
use lucia_core::{UnixMillis, kv::KvStore as _};
use tokio::task::spawn_blocking;

use crate::support::{
    proxy::Proxy,
    unstorage::{Driver, NEWEST, Unstorage},
};

/// The variable with the URL of the service, in a process with a proxy in its environment.
const SERVICE: &str = "LUCIA_TEST_SERVICE";
/// The variable that enables the proxy in that process.
const ASKS: &str = "LUCIA_TEST_ASKS_FOR_PROXY";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_proxy_of_the_environment_is_used_only_if_enabled() {
    if let Ok(url) = env::var(SERVICE) {
        return use_store(&url, env::var(ASKS).unwrap() == "true").await;
    }
    let unstorage = spawn_blocking(|| Unstorage::start(NEWEST, Driver::Memory)).await.unwrap();
    let proxy = Proxy::start(&unstorage.url()).await;
    for (asks, requests) in [(false, 0), (true, 3)] {
        // Other tests share the environment of this process.
        let mut child = Command::new(env::current_exe().unwrap());
        child.args(["--exact", "environment::the_proxy_of_the_environment_is_used_only_if_enabled"]);
        child.env(SERVICE, unstorage.url()).env(ASKS, asks.to_string());
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            child.env(name, &proxy.url);
        }
        child.env_remove("NO_PROXY").env_remove("no_proxy").env_remove("REQUEST_METHOD");
        let output = spawn_blocking(move || child.output()).await.unwrap().unwrap();
        let log = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && log.contains("1 passed"), "{log}");
        assert_eq!(proxy.count(), requests, "asked for the proxy: {asks}");
    }
}

async fn use_store(url: &str, asks: bool) {
    let options = if asks { HttpConfig::new().proxy_from_env() } else { HttpConfig::new() };
    let store = UnstorageStore::with_config(url, UnstorageConfig::new().http(options)).unwrap();
    store.put("session:s", b"1", UnixMillis::MAX).await.unwrap();
    assert_eq!(store.get("session:s").await.unwrap().as_deref(), Some(&b"1"[..]));
}

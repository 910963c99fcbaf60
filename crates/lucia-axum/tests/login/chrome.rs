use std::process::Stdio;

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// A headless Chromium with a temporary profile, driven through a chromedriver on a free port.
pub(crate) struct Chrome {
    pub(crate) page: Client,
    driver: Child,
    _profile: TempDir,
}

impl Chrome {
    pub(crate) async fn start() -> Self {
        Self::start_with(None).await
    }

    pub(crate) async fn start_on_a_phone() -> Self {
        Self::start_with(Some(json!({ "deviceMetrics": { "width": 320, "height": 640, "pixelRatio": 2.0 } }))).await
    }

    async fn start_with(emulated: Option<Value>) -> Self {
        let (driver, port) = start_driver().await;
        let profile = tempfile::tempdir().unwrap();
        let profile_argument = format!("--user-data-dir={}", profile.path().display());
        let mut options = json!({ "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", profile_argument,
        ] });
        if let Some(device) = emulated {
            options["mobileEmulation"] = device;
        }
        let capabilities = serde_json::Map::from_iter([("goog:chromeOptions".to_owned(), options)]);
        let url = format!("http://127.0.0.1:{port}");
        let page = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&url).await;
        Self { page: page.expect("chromedriver starts Chromium"), driver, _profile: profile }
    }

    /// Closes the browser. Dropping it kills the browser.
    pub(crate) async fn close(self) {
        self.page.clone().close().await.unwrap();
    }

    pub(crate) async fn fill(&self, id: &str, text: &str) {
        self.page.wait().for_element(Locator::Id(id)).await.unwrap().send_keys(text).await.unwrap();
    }

    pub(crate) async fn click(&self, selector: &str) {
        self.page.wait().for_element(Locator::Css(selector)).await.unwrap().click().await.unwrap();
    }

    /// Waits for an element, and returns its text.
    pub(crate) async fn text(&self, id: &str) -> String {
        self.page.wait().for_element(Locator::Id(id)).await.unwrap().text().await.unwrap()
    }

    /// Waits for an element, and returns one of its attributes.
    pub(crate) async fn attribute(&self, id: &str, name: &str) -> Option<String> {
        self.page.wait().for_element(Locator::Id(id)).await.unwrap().attr(name).await.unwrap()
    }

    /// Waits until the browser is at a path.
    pub(crate) async fn is_at(&self, path: &str) {
        let url = format!("{}{path}", self.origin().await);
        let url = url.parse().unwrap();
        self.page.wait().for_url(&url).await.unwrap();
    }

    async fn origin(&self) -> String {
        self.page.current_url().await.unwrap().origin().ascii_serialization()
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        if let Some(id) = self.driver.id() {
            let _ = std::process::Command::new("kill").args(["-KILL", "--", &format!("-{id}")]).status();
        }
    }
}

/// Starts a chromedriver on a free port.
///
/// It takes a free port of IPv6, and exits if another program has the same port of IPv4, so it is started again then.
async fn start_driver() -> (Child, u16) {
    for _ in 0..10 {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            // Chromium's processes belong to the driver's process group, so that all of them can be killed.
            .process_group(0)
            .spawn()
            .expect("install Debian's packages chromium and chromium-driver: `cargo xtask test` does it as root");
        if let Some(port) = port(&mut driver).await {
            return (driver, port);
        }
        driver.wait().await.unwrap();
    }
    panic!("chromedriver exited ten times before it listened");
}

/// Returns the port that the driver prints, as in `… started successfully on port 36023.`, or `None` if it exits first.
async fn port(driver: &mut Child) -> Option<u16> {
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((_, port)) = line.split_once("successfully on port ") {
            // The driver would block if its output were not read.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Some(port.trim_end_matches('.').parse().unwrap());
        }
    }
    None
}

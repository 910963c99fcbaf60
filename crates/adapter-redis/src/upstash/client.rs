use std::time::Duration;

use redis::ErrorKind;
use reqwest::{
    Response, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue},
    redirect,
};
use serde_json::Value as Json;
use tokio::{sync::Semaphore, time::timeout};

use super::{
    config::UpstashConfig,
    error::{Failure, UpstashError},
    reply,
    retry::{Retry, retrying},
};
use crate::setup_error::SetupError;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Without this header, the service returns bytes that are not text as replacement characters.
const ENCODING: HeaderName = HeaderName::from_static("upstash-encoding");
const BASE64: HeaderValue = HeaderValue::from_static("base64");

/// An HTTP client for one database.
pub(super) struct Client {
    http: reqwest::Client,
    url: Url,
    authorization: HeaderValue,
    config: UpstashConfig,
    permits: Semaphore,
}

impl Client {
    pub(super) fn new(url: &str, token: &str, mut config: UpstashConfig) -> Result<Self, SetupError> {
        let mut url = Url::parse(url).ok().filter(is_base).ok_or(SetupError::InvalidUpstashUrl)?;
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        let authorization = HeaderValue::from_str(&format!("Bearer {token}"));
        let mut authorization = authorization.map_err(|_| SetupError::InvalidUpstashToken)?;
        authorization.set_sensitive(true);
        let http = config.client.take().map_or_else(default_client, Ok);
        let http = http.map_err(|error| SetupError::HttpClient(error.into()))?;
        let permits = Semaphore::new(config.max_concurrency.clamp(1, Semaphore::MAX_PERMITS));
        Ok(Self { http, url, authorization, config, permits })
    }

    pub(super) fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Sends commands to an endpoint of the API, and returns the body of the response.
    pub(super) async fn post(&self, endpoint: &str, commands: Json, retry: Retry) -> Result<Vec<u8>, Failure> {
        let commands = commands.to_string();
        let UpstashConfig { response_timeout, timeout: total, max_attempts, .. } = self.config;
        let mut url = self.url.clone();
        url.set_path(&format!("{}{endpoint}", self.url.path()));
        let attempt = || async {
            // The semaphore is never closed. The permit is released during the pause between two attempts.
            let _permit = self.permits.acquire().await;
            let attempt = timeout(response_timeout, self.attempt(url.clone(), &commands));
            attempt.await.unwrap_or(Err(Failure::Outage(UpstashError::TimedOut)))
        };
        retrying(retry, max_attempts, total, attempt).await
    }

    async fn attempt(&self, url: Url, commands: &str) -> Result<Vec<u8>, Failure> {
        let request = self.http.post(url).header(AUTHORIZATION, &self.authorization);
        let request = request.header(CONTENT_TYPE, JSON).header(ENCODING, BASE64).body(commands.to_owned());
        let mut response = request.send().await?;
        match response.status().as_u16() {
            200 => self.body(&mut response).await,
            400 => Err(Failure::Permanent(reply::rejection(&self.body(&mut response).await?))),
            status => Err(Failure::of_status(status, response.headers())),
        }
    }

    async fn body(&self, response: &mut Response) -> Result<Vec<u8>, Failure> {
        let max_bytes = self.config.max_response_bytes;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > max_bytes {
                let detail = format!("{max_bytes} bytes: raise `UpstashConfig::max_response_bytes`");
                return Err(Failure::Permanent(
                    (ErrorKind::Client, "the response is larger than the limit", detail).into(),
                ));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// Returns `true` if endpoints can be appended to the URL, and it contains no credentials.
fn is_base(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
}

fn default_client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .no_proxy()
        .user_agent(concat!("adapter-redis/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(Duration::from_secs(3))
        .pool_idle_timeout(Duration::from_secs(4))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_urls_and_tokens_are_rejected() {
        let rejected = |url, token| Client::new(url, token, UpstashConfig::new()).err();
        for url in ["", "kv.example.com", "redis://a", "https://u:p@a", "https://u@a", "https://a?b", "https://a#b"] {
            assert!(matches!(rejected(url, "t"), Some(SetupError::InvalidUpstashUrl)), "{url}");
        }
        assert!(matches!(rejected("https://a", "a\nb"), Some(SetupError::InvalidUpstashToken)));
        for (url, base) in [("https://a", "https://a/"), ("http://a:1/kv", "http://a:1/kv/")] {
            assert_eq!(Client::new(url, "t", UpstashConfig::new()).unwrap().url(), base);
        }
    }
}

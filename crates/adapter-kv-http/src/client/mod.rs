//! The HTTP client of all stores.

mod config;
mod body;
mod retry_after;
mod retry;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use lucia_core::Clock;
use reqwest::{
    Method, Request, StatusCode, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue},
    redirect,
};
use tokio::{sync::Semaphore, time::timeout};

pub use self::config::HttpConfig;
pub(crate) use self::retry::Retry;
use crate::error::{HttpError, InvalidUrl, SetupError};

/// The maximum number of bytes read from the body of an error. Bodies that are read completely allow the connection to
/// be reused.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// An HTTP client for one service, with its token. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    config: Arc<HttpConfig>,
    permits: Arc<Semaphore>,
    clock: Arc<dyn Clock>,
}

/// A request.
pub(crate) struct Call {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
    retry: Retry,
    is_listing: bool,
}

/// A response with a successful status, or 404.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
}

impl Call {
    /// Creates a request without a body.
    pub(crate) fn new(method: Method, url: Url) -> Self {
        let retry = if method == Method::GET || method == Method::DELETE { Retry::Always } else { Retry::WhenSettled };
        Self { method, url, headers: HeaderMap::new(), body: Bytes::new(), retry, is_listing: false }
    }

    pub(crate) fn header(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.insert(name, value.into());
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets the failures after which the request is retried. Defaults to [`Retry::Always`] for `GET` and `DELETE`.
    pub(crate) fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Declares that the response is a list of all keys, which may be larger than others.
    #[cfg(feature = "unstorage")]
    pub(crate) fn listing(mut self) -> Self {
        self.is_listing = true;
        self
    }

    fn request(&self) -> Request {
        let mut request = Request::new(self.method.clone(), self.url.clone());
        request.headers_mut().clone_from(&self.headers);
        if !self.body.is_empty() {
            *request.body_mut() = Some(self.body.clone().into());
        }
        request
    }
}

impl Client {
    /// Creates a client that sends these headers with each request.
    pub(crate) fn new(config: HttpConfig, headers: HeaderMap, clock: Arc<dyn Clock>) -> Result<Self, SetupError> {
        let http = reqwest::Client::builder();
        // A proxy for other traffic must not receive tokens and session ids.
        let http = if config.proxy_from_env { http } else { http.no_proxy() };
        let http = http
            .default_headers(headers)
            .user_agent(concat!("adapter-kv-http/", env!("CARGO_PKG_VERSION")))
            // A redirect must not send the token to another host.
            .redirect(redirect::Policy::none())
            // This client retries requests.
            .retry(reqwest::retry::never())
            .connect_timeout(config.connect_timeout)
            .pool_idle_timeout(config.idle_timeout)
            .tls_certs_merge(config.root_certificates.iter().cloned())
            .build()
            .map_err(|error| SetupError::Client(error.into()))?;
        let permits = Arc::new(Semaphore::new(config.max_concurrency.clamp(1, Semaphore::MAX_PERMITS)));
        Ok(Self { http, config: Arc::new(config), permits, clock })
    }

    pub(crate) fn config(&self) -> &HttpConfig {
        &self.config
    }

    pub(crate) fn max_concurrency(&self) -> usize {
        self.config.max_concurrency.max(1)
    }

    /// Returns the timeout of a request with all its attempts.
    #[cfg(feature = "unstorage")]
    pub(crate) fn timeout(&self) -> Duration {
        self.config.timeout
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Sends a request, with retries. Returns a successful response or a 404; any other response is an error.
    pub(crate) async fn send(&self, call: Call) -> Result<Answer, HttpError> {
        retry::retrying(&self.config, call.retry, || self.attempt(&call)).await
    }

    async fn attempt(&self, call: &Call) -> Result<Answer, HttpError> {
        // The semaphore is never closed. The permit is released during the pause between two attempts.
        let _permit = self.permits.acquire().await;
        timeout(self.config.attempt_timeout, self.exchange(call)).await.unwrap_or(Err(HttpError::TimedOut))
    }

    async fn exchange(&self, call: &Call) -> Result<Answer, HttpError> {
        let mut response = self.http.execute(call.request()).await.map_err(HttpError::transport)?;
        let status = response.status();
        if status.is_success() {
            let config = &self.config;
            let limit = if call.is_listing { config.max_listing_bytes } else { config.max_body_bytes };
            let body = body::whole(&mut response, limit).await?;
            return Ok(Answer { status, body });
        }
        let body = body::beginning(&mut response, MAX_ERROR_BODY).await;
        if status == StatusCode::NOT_FOUND {
            return Ok(Answer { status, body });
        }
        let status = status.as_u16();
        Err(match status {
            401 | 403 => HttpError::Refused { status },
            300..=399 => HttpError::Redirect { status },
            _ => HttpError::Status {
                status,
                code: body::error_code(&body),
                retry_after: retry_after::retry_after(response.headers(), &*self.clock),
            },
        })
    }
}

impl Answer {
    /// Returns an error if the status is 404, for requests where this does not mean that a key is absent.
    pub(crate) fn require_success(self) -> Result<Self, HttpError> {
        if self.status.is_success() { Ok(self) } else { Err(self.error()) }
    }

    pub(crate) fn error(&self) -> HttpError {
        HttpError::Status { status: self.status.as_u16(), code: body::error_code(&self.body), retry_after: None }
    }
}

/// Parses the URL of a service, to which paths can be appended.
pub(crate) fn base_url(url: &str) -> Result<Url, InvalidUrl> {
    let url = Url::parse(url).map_err(|_| InvalidUrl::Syntax)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(InvalidUrl::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(InvalidUrl::Credentials);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(InvalidUrl::QueryOrFragment);
    }
    Ok(url)
}

/// Returns the header value `Bearer {token}`, which `Debug` does not show.
pub(crate) fn bearer(token: &str) -> Result<HeaderValue, SetupError> {
    secret(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
}

/// Returns the value of a header, which `Debug` does not show.
pub(crate) fn secret(name: &str, value: &str) -> Result<HeaderValue, SetupError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| SetupError::InvalidHeader { name: name.to_owned() })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_base_urls_are_rejected() {
        for url in
            ["", "kv.example.com", "ftp://a", "data:x", "https://u:p@a", "https://u@a", "https://a?b", "https://a#b"]
        {
            assert!(base_url(url).is_err(), "{url}");
        }
        for url in ["https://a", "http://127.0.0.1:3000/", "https://a/b/"] {
            assert!(base_url(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn no_debug_shows_a_token() {
        let value = bearer("hunter2").unwrap();
        assert!(!format!("{value:?}").contains("hunter2"));
        assert!(matches!(bearer("a\nb"), Err(SetupError::InvalidHeader { name }) if name == "authorization"));
    }
}

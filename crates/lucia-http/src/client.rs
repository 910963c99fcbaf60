use std::{fmt, sync::Arc, time::Duration};

use lucia_core::{Clock, SystemClock};
use reqwest::{
    header::{HeaderMap, HeaderValue, USER_AGENT},
    redirect,
};
use tokio::{sync::Semaphore, time::timeout};

use crate::{
    body,
    config::HttpConfig,
    error::HttpError,
    request::Request,
    response::{Response, error_code},
    retry::retrying,
    retry_after::retry_after,
    setup_error::HttpSetupError,
};

/// An HTTP client for one service. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    config: Arc<HttpConfig>,
    permits: Arc<Semaphore>,
    clock: Arc<dyn Clock>,
}

impl Client {
    /// Creates a client that sends these headers with each request.
    ///
    /// # Errors
    /// Returns [`HttpSetupError::Client`] if the TLS configuration cannot be created.
    pub fn new(config: HttpConfig, user_agent: &'static str, mut headers: HeaderMap) -> Result<Self, HttpSetupError> {
        headers.insert(USER_AGENT, HeaderValue::from_static(user_agent));
        let http = reqwest::Client::builder();
        // A proxy for other traffic must not receive tokens and session ids.
        let http = if config.proxy_from_env { http } else { http.no_proxy() };
        let http = http
            .default_headers(headers)
            // A redirect must not send the token to another host.
            .redirect(redirect::Policy::none())
            // This client retries requests.
            .retry(reqwest::retry::never())
            .connect_timeout(config.connect_timeout)
            .pool_idle_timeout(config.idle_timeout)
            .tls_certs_merge(config.root_certificates.iter().cloned())
            .build()
            .map_err(|error| HttpSetupError::Client(error.into()))?;
        let permits = Arc::new(Semaphore::new(config.max_concurrency.clamp(1, Semaphore::MAX_PERMITS)));
        Ok(Self { http, config: Arc::new(config), permits, clock: Arc::new(SystemClock) })
    }

    /// Sets the clock. Defaults to the system clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Returns the maximum number of concurrent requests.
    #[must_use]
    pub fn max_concurrency(&self) -> usize {
        self.config.max_concurrency.max(1)
    }

    /// Returns the timeout of a request with all its attempts.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.config.timeout
    }

    /// Returns the clock.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Sends a request, with retries. Returns a response with a successful or accepted status.
    ///
    /// # Errors
    /// Returns [`HttpError`] for any other status, if the service did not respond, or if the response is too large.
    pub async fn send(&self, request: Request) -> Result<Response, HttpError> {
        retrying(&self.config, request.retry, || self.attempt(&request)).await
    }

    async fn attempt(&self, request: &Request) -> Result<Response, HttpError> {
        // The semaphore is never closed. The permit is released during the pause between two attempts.
        let _permit = self.permits.acquire().await;
        timeout(self.config.attempt_timeout, self.exchange(request)).await.unwrap_or(Err(HttpError::TimedOut))
    }

    async fn exchange(&self, request: &Request) -> Result<Response, HttpError> {
        let mut response = self.http.execute(request.to_reqwest()).await.map_err(HttpError::transport)?;
        let status = response.status();
        if status.is_success() {
            let default = (self.config.max_response_bytes, "HttpConfig::max_response_bytes");
            let (limit, setting) = request.limit.unwrap_or(default);
            return Ok(Response::new(status, body::whole(&mut response, limit, setting).await?));
        }
        let body = body::beginning(&mut response).await;
        if request.accepted == Some(status) {
            return Ok(Response::new(status, body));
        }
        Err(match status.as_u16() {
            status @ (401 | 403) => HttpError::Refused { status },
            status @ 300..=399 => HttpError::Redirect { status },
            status => HttpError::Status {
                status,
                code: error_code(&body),
                retry_after: retry_after(response.headers(), self.clock()),
            },
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.config).finish()
    }
}

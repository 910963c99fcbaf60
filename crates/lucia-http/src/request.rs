use std::fmt;

use bytes::Bytes;
use reqwest::{
    Method, StatusCode, Url,
    header::{HeaderMap, HeaderName, HeaderValue},
};

/// The failures after which a request is retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// Retries after every transient failure. For reads and deletions, which may arrive twice or late.
    Always,
    /// Retries only if no earlier attempt can still arrive, whether or not it was executed. For writes, which may be
    /// executed twice.
    ///
    /// A write that timed out may still arrive, and a second one would double the chance that this happens after a
    /// revocation. A connection that was closed without a response was usually idle, but the server or a gateway may
    /// have closed it after the request was executed.
    IfSettled,
    /// Retries only if the service did not execute the request: if no connection could be opened, and after status 429.
    IfNotExecuted,
}

/// A request to a service.
#[derive(Clone)]
#[must_use]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) retry: Retry,
    pub(crate) accepted: Option<StatusCode>,
    pub(crate) limit: Option<(usize, &'static str)>,
}

impl Request {
    /// Creates a request without a body.
    pub fn new(method: Method, url: Url) -> Self {
        let retry = if method == Method::GET || method == Method::DELETE { Retry::Always } else { Retry::IfSettled };
        Self { method, url, headers: HeaderMap::new(), body: Bytes::new(), retry, accepted: None, limit: None }
    }

    /// Sets a header.
    pub fn header(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.insert(name, value.into());
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets the failures after which the request is retried. Defaults to [`Retry::Always`] for `GET` and `DELETE`, and to
    /// [`Retry::IfSettled`] for other methods.
    pub const fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Makes this status a response instead of an error. Of its body, at most 64 KiB are read.
    pub const fn accept(mut self, status: StatusCode) -> Self {
        self.accepted = Some(status);
        self
    }

    /// Sets the maximum size of the response, in bytes, and the method with which applications change it. Defaults to
    /// [`HttpConfig::max_response_bytes`](crate::HttpConfig::max_response_bytes).
    pub const fn max_response_bytes(mut self, bytes: usize, setting: &'static str) -> Self {
        self.limit = Some((bytes, setting));
        self
    }

    pub(crate) fn to_reqwest(&self) -> reqwest::Request {
        let mut request = reqwest::Request::new(self.method.clone(), self.url.clone());
        request.headers_mut().clone_from(&self.headers);
        if !self.body.is_empty() {
            *request.body_mut() = Some(self.body.clone().into());
        }
        request
    }
}

impl fmt::Debug for Request {
    /// Omits the URL, the headers and the body, which may contain session ids and tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("method", &self.method).field("retry", &self.retry).finish_non_exhaustive()
    }
}

use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use crate::{
    Env, RequestContext,
    csrf::{Csrf, check::Rejection},
};

/// A request, built step by step.
#[derive(Debug, Default)]
pub(super) struct Request {
    method: String,
    uri: Option<Uri>,
    headers: HeaderMap,
}

impl Request {
    pub(super) fn new(method: &str) -> Self {
        Self { method: method.to_owned(), ..Self::default() }
    }

    pub(super) fn post(origin: &str, host: &str) -> Self {
        Self::new("POST").header("origin", origin).header("host", host)
    }

    pub(super) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers.append(name, HeaderValue::from_bytes(value.as_ref()).unwrap());
        self
    }

    pub(super) fn uri(mut self, uri: &str) -> Self {
        self.uri = Some(uri.parse().unwrap());
        self
    }

    pub(super) fn check(&self, csrf: &Csrf, env: Env) -> Result<(), Rejection> {
        let context = RequestContext {
            method: &self.method,
            uri: self.uri.as_ref(),
            headers: &self.headers,
            session_cookie: None,
            client_address: None,
        };
        csrf.check(&context, env)
    }

    pub(super) fn is_accepted(&self, csrf: &Csrf, env: Env) -> bool {
        self.check(csrf, env).is_ok()
    }
}

use std::fmt;

use reqwest::{
    Method, Url,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};

use super::reply::Reply;
use crate::{
    HttpError,
    client::{Call, Client, Repeat},
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Without it, bytes that are no text come back as replacement characters.
const ENCODING: HeaderName = HeaderName::from_static("upstash-encoding");
const BASE64: HeaderValue = HeaderValue::from_static("base64");

/// A Redis database behind Upstash's REST API.
#[derive(Clone)]
pub(super) struct Rest {
    client: Client,
    url: Url,
}

impl Rest {
    pub(super) const fn new(client: Client, url: Url) -> Self {
        Self { client, url }
    }

    /// Runs one command. It stands in the body, because URLs are logged.
    pub(super) async fn run(&self, command: &[&str], repeat: Repeat) -> Result<Reply, HttpError> {
        let body = serde_json::to_vec(command).map_err(|_| HttpError::Unexpected { expected: "a command" })?;
        let call = Call::new(Method::POST, self.url.clone()).header(CONTENT_TYPE, JSON).header(ENCODING, BASE64);
        let answer = self.client.send(call.body(body).repeat(repeat)).await?.require_success()?;
        Reply::read(&answer.body)
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest").field("url", &self.url.as_str()).field("http", self.client.options()).finish()
    }
}

#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod setup_error;
mod config;
mod base_url;
mod header;
mod request;
mod response;
mod body;
mod retry_after;
mod retry;
mod client;

pub use reqwest;

pub use self::{
    base_url::BaseUrl,
    client::Client,
    config::HttpConfig,
    error::{HttpError, TransportError},
    header::{bearer, secret},
    request::{Request, Retry},
    response::Response,
    setup_error::{HttpSetupError, InvalidUrl},
};

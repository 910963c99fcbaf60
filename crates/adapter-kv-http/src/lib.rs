#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(feature = "unstorage", feature = "cloudflare")),
    allow(dead_code, unused_imports, reason = "each protocol uses a part of the client")
)]

mod client;
#[cfg(feature = "cloudflare")]
mod cloudflare;
mod error;
#[cfg(feature = "unstorage")]
mod unstorage;

#[cfg(feature = "cloudflare")]
pub use self::cloudflare::{CloudflareConfig, CloudflareStore};
#[cfg(feature = "unstorage")]
pub use self::unstorage::{UnstorageConfig, UnstorageStore};
pub use self::{
    client::HttpOptions,
    error::{HttpError, SetupError},
};
pub use reqwest;

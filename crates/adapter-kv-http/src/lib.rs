#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(feature = "unstorage", feature = "cloudflare")),
    allow(dead_code, unused_imports, reason = "each protocol uses only part of the client")
)]

mod error;
mod client;
#[cfg(feature = "cloudflare")]
mod cloudflare;
#[cfg(feature = "unstorage")]
mod unstorage;

#[cfg(feature = "cloudflare")]
pub use self::cloudflare::{CloudflareConfig, CloudflareStore};
#[cfg(feature = "unstorage")]
pub use self::unstorage::{UnstorageConfig, UnstorageStore};
pub use self::{
    client::HttpConfig,
    error::{HttpError, InvalidUrl, SetupError, TransportError},
};
pub use lucia_core::kv::{KvConfig, KvSessionAdapter};
pub use reqwest;

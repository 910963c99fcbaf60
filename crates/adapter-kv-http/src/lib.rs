#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(feature = "unstorage", feature = "cloudflare", feature = "upstash")),
    allow(dead_code, unused_imports, reason = "each protocol uses a part of the client")
)]

mod client;
#[cfg(feature = "cloudflare")]
mod cloudflare;
mod error;
#[cfg(feature = "unstorage")]
mod unstorage;
#[cfg(feature = "upstash")]
mod upstash;

#[cfg(feature = "cloudflare")]
pub use self::cloudflare::{CloudflareConfig, CloudflareStore};
#[cfg(feature = "unstorage")]
pub use self::unstorage::{UnstorageConfig, UnstorageStore};
#[cfg(feature = "upstash")]
pub use self::upstash::{UpstashConfig, UpstashSessionAdapter};
pub use self::{
    client::HttpOptions,
    error::{HttpError, SetupError},
};
pub use reqwest;

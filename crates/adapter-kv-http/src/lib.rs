#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

/// The value of the `User-Agent` header.
#[cfg(any(feature = "cloudflare", feature = "unstorage"))]
const USER_AGENT: &str = concat!("adapter-kv-http/", env!("CARGO_PKG_VERSION"));

mod setup_error;
#[cfg(feature = "unstorage")]
mod read_only_driver;
#[cfg(any(feature = "cloudflare", feature = "unstorage"))]
mod error;
#[cfg(feature = "cloudflare")]
mod cloudflare;
#[cfg(feature = "unstorage")]
mod unstorage;

pub use lucia_core::kv::{KvConfig, KvSessionAdapter};
pub use lucia_http::reqwest;
#[doc(inline)]
pub use lucia_http::{HttpConfig, HttpError, HttpSetupError, InvalidUrl, TransportError};

#[cfg(feature = "cloudflare")]
pub use self::cloudflare::{CloudflareConfig, CloudflareStore};
pub use self::setup_error::SetupError;
#[cfg(feature = "unstorage")]
pub use self::{
    read_only_driver::ReadOnlyDriver,
    unstorage::{UnstorageConfig, UnstorageStore},
};

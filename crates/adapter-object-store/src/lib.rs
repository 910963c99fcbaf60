#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod config;
mod response;
mod error;
mod setup_error;
mod retry;
mod path;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
mod setting;
#[cfg(any(feature = "aws", feature = "azure"))]
mod credentials;
mod probe;
mod bucket;
mod store;

pub use lucia_core::kv::{KvConfig, KvSessionAdapter};
pub use object_store;

pub use self::{
    bucket::Bucket, config::ObjectKvConfig, error::ObjectStoreError, setup_error::SetupError, store::ObjectKvStore,
};

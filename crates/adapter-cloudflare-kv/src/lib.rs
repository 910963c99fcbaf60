#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod limits;
mod store;

pub use lucia_core::kv::{KvConfig, KvSessionAdapter};
pub use worker;

pub use self::{error::CloudflareKvError, store::CloudflareKvStore};

#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod kv;

pub use lucia_core::kv::{KvConfig, KvSessionAdapter};
pub use worker;

pub use self::kv::{CloudflareKvError, CloudflareKvStore};

#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod kv;

pub use worker;

pub use self::kv::{CloudflareKvError, CloudflareKvSessionAdapter, CloudflareKvStore};

#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod clock;
#[cfg(feature = "d1")]
pub mod d1;
mod kv;

pub use worker;

pub use self::{
    clock::WorkerClock,
    kv::{CloudflareKvError, CloudflareKvSessionAdapter, CloudflareKvStore},
};

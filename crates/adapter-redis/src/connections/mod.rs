//! The sources of connections: single servers, sentinels, clusters and pools.

mod source;

mod batch;

#[cfg(feature = "cluster")]
mod cluster;
#[cfg(feature = "deadpool")]
mod deadpool;
#[cfg(feature = "sentinel")]
mod sentinel;
mod shared;

pub(crate) use self::batch::{Batched, Batches};
#[cfg(feature = "sentinel")]
pub(crate) use self::sentinel::Lookup;
#[cfg(feature = "sentinel")]
pub use self::sentinel::SentinelConnection;
pub use self::source::{ConnectionError, Connections, Topology};

//! The sources of connections: single servers, sentinels, clusters and pools.

mod source;

#[cfg(feature = "cluster")]
mod cluster;
#[cfg(feature = "deadpool")]
mod deadpool;
#[cfg(feature = "sentinel")]
mod sentinel;
mod shared;

#[cfg(feature = "sentinel")]
pub(crate) use self::sentinel::Lookup;
#[cfg(feature = "sentinel")]
pub use self::sentinel::SentinelConnection;
pub use self::source::{ConnectionError, Connections, Topology};

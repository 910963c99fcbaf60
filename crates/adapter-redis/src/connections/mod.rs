//! Where commands run: the one thing in which kinds of connections differ.

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

//! What the conformance suite does not say of Redis: the bugs of Lucia's own adapter by their numbers, what lies in the keys,
//! what is read of Lucia JS, and what bad data does.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[cfg(feature = "cluster")]
mod cluster;
#[cfg(feature = "rustls")]
mod encryption;
#[path = "../suite/expiry.rs"]
mod expiry;
mod foreign_data;
mod index_expiry;
mod lists;
mod lucia_js;
mod memory;
mod other_index;
mod place;
#[cfg(feature = "deadpool")]
mod pools;
mod regressions;
mod replicas;
mod round_trips;
mod seam;
mod setup;

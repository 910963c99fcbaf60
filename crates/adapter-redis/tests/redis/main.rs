//! Redis beyond the conformance suite: the bugs of Lucia's own adapter by their numbers, the stored keys, data of Lucia JS, and
//! invalid data.

#![expect(clippy::unwrap_used, reason = "a panic in a helper fails the test")]

#[path = "../suite/bare_keys.rs"]
mod bare_keys;
mod batches;
#[cfg(feature = "cluster")]
mod cluster;
#[cfg(feature = "cluster")]
mod cluster_scan;
#[cfg(feature = "cluster")]
mod cluster_tokens;
mod conversion;
mod counters;
#[cfg(feature = "rustls")]
mod encryption;
#[path = "../suite/expiry.rs"]
mod expiry;
mod foreign_data;
mod index_expiry;
mod listing;
mod lists;
mod lucia_1;
mod lucia_js;
mod memory;
mod oldest;
mod other_index;
mod place;
#[cfg(feature = "deadpool")]
mod pools;
mod regressions;
mod replicas;
mod round_trips;
mod scan;
mod seam;
mod setup;
mod tokens;

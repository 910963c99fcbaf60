//! The reference implementation: an adapter that keeps everything in memory.

mod index;
mod tokens;
mod counters;
mod tables;
mod adapter;
mod token_adapter;

pub use self::adapter::MemoryAdapter;

//! The reference implementation: an adapter that keeps everything in memory.

mod adapter;
mod tables;

pub use self::adapter::MemoryAdapter;

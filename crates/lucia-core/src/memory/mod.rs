//! The reference implementation: an adapter that keeps everything in memory.

mod tables;
mod adapter;

pub use self::adapter::MemoryAdapter;

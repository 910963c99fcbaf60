//! Tests of the adapter on SQLite files.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

#[path = "../shared/elsewhere.rs"]
mod elsewhere;
#[path = "../shared/exhausted.rs"]
mod exhausted;
mod file;
#[path = "../shared/half.rs"]
mod half;
mod ids;
mod load;
mod pool;
mod prisma_data;
#[path = "../shared/rolled_back.rs"]
mod rolled_back;
mod setup;
#[path = "../shared/mod.rs"]
mod shared;
mod support;
#[path = "../shared/undone.rs"]
mod undone;
mod values;

//! Tests of the adapter on SQLite files, with rusqlite.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod app;
#[cfg(unix)]
mod child;
#[path = "../shared/elsewhere.rs"]
mod elsewhere;
#[cfg(unix)]
mod faults;
#[path = "../sqlite/file.rs"]
mod file;
mod group;
#[path = "../sqlite/ids.rs"]
mod ids;
#[path = "../sqlite/load.rs"]
mod load;
mod opening;
#[path = "../sqlite/prisma_data.rs"]
mod prisma_data;
mod reads;
#[path = "../sqlite/setup.rs"]
mod setup;
#[path = "../shared/mod.rs"]
mod shared;
mod support;
mod transaction;
#[path = "../shared/undone.rs"]
mod undone;
mod unfinished;
#[path = "../sqlite/values.rs"]
mod values;
mod writer;

//! Tests of the API example, as a team would write them: most on memory with a clock of their own, some on the real stores.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod accounts;
#[path = "../../examples/api/app/mod.rs"]
mod app;
mod client;
#[cfg(unix)]
mod databases;
mod description;
#[cfg(unix)]
#[path = "../shared/example.rs"]
mod example;
mod limits;
#[cfg(unix)]
mod processes;
mod sessions;
mod sign_in;
#[cfg(unix)]
mod stores;
#[path = "../shared/sessions.rs"]
mod unreliable;

//! Tests of the login example, over HTTP and in a browser.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

#[path = "../../examples/login/app/mod.rs"]
mod app;
mod browser;
mod chrome;
#[cfg(unix)]
#[path = "../shared/example.rs"]
mod example;
mod http;
mod mailbox;
#[cfg(unix)]
mod program;
mod server;
#[path = "../shared/sessions.rs"]
mod sessions;
mod smtp;
mod visitor;

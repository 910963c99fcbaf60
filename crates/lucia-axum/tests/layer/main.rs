//! Tests of the layer and the extractors on a router of axum.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod cookies;
mod extractors;
mod nested;
mod origins;
mod rejections;
#[path = "../shared/sessions.rs"]
mod sessions;
mod support;

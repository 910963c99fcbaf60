//! Tests of the layer, the extractors and the guards on a router of axum.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod clients;
mod cookies;
mod extractors;
mod guards;
mod nested;
mod next_path;
mod origins;
mod recent;
mod redirects;
mod rejections;
#[path = "../shared/sessions.rs"]
mod sessions;
mod support;

//! Requests over HTTP, without a browser.

mod sign_up;
mod sign_in;
mod sessions;
mod account;
mod pages;
mod throttle;

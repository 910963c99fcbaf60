//! Requests over HTTP, without a browser.

mod account;
mod confirmation;
mod forgotten_password;
mod mail;
mod pages;
mod sessions;
mod sign_in;
mod sign_up;
mod throttle;
mod verification;

//! CSRF protection: compares a request's origin with the site.

mod error;
mod authority;
mod origin;
mod subdomains;
mod config;
mod check;

pub use self::{config::Csrf, error::InvalidCsrf, subdomains::AllowedSubdomains};

#[cfg(test)]
mod tests;

//! CSRF protection: compares a request's origin with the site.

mod authority;
mod check;
mod error;
mod options;
mod origin;
mod subdomains;
mod trusted_origin;

pub use self::{error::InvalidCsrf, options::Csrf, subdomains::AllowedSubdomains};

#[cfg(test)]
mod tests;

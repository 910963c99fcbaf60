//! CSRF protection: compares a request's origin with the site.

mod error;
mod authority;
mod origin;
#[cfg(feature = "public-suffix")]
mod subdomains;
mod config;
mod check;

#[cfg(feature = "public-suffix")]
pub use self::subdomains::AllowedSubdomains;
pub use self::{config::Csrf, error::InvalidCsrf};

#[cfg(test)]
#[cfg(all(feature = "idna", feature = "public-suffix"))]
mod tests;

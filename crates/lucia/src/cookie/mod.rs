//! The session cookie and the bearer token: what carries a session id.

mod bearer_token;
mod error;
mod session_cookie;
mod session_id;

pub(crate) use self::{bearer_token::read_bearer_token, session_id::is_session_id};
pub use self::{error::InvalidSessionCookie, session_cookie::SessionCookie};

#[cfg(test)]
mod tests;

//! The session cookie and the bearer token: what carries a session id.

mod bearer_token;
mod error;
mod sent;
mod session_cookie;
mod session_id;
mod set_cookie;

pub(crate) use self::{bearer_token::read_bearer_token, sent::SentCookies, session_id::is_session_id};
pub use self::{error::InvalidSessionCookie, session_cookie::SessionCookie, set_cookie::SetCookie};

#[cfg(test)]
mod tests;

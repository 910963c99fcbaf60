//! The session cookie and the bearer token, which carry session ids.

mod session_id;
mod sent;
mod set_cookie;
mod error;
mod session_cookie;

pub use self::{error::InvalidSessionCookie, session_cookie::SessionCookie, set_cookie::SetCookie};
pub(crate) use self::{
    sent::SentCookies,
    session_id::{is_session_id, read_bearer_token},
};

#[cfg(test)]
mod tests;

//! The session cookie and the bearer token, which carry session tokens.

mod session_token;
mod sent;
mod set_cookie;
mod error;
mod session_cookie;

pub use self::{
    error::InvalidSessionCookie,
    session_cookie::{SameSite, SessionCookie},
    set_cookie::SetCookie,
};
pub(crate) use self::{
    sent::SentCookies,
    session_token::{is_session_token, read_bearer_token},
};

#[cfg(test)]
#[cfg(all(feature = "idna", feature = "public-suffix"))]
mod tests;

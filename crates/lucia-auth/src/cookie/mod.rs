//! The session cookie and the bearer token, which carry session ids.

mod session_id;
mod sent;
mod set_cookie;
mod same_site;
mod error;
mod session_cookie;

pub use self::{
    error::InvalidSessionCookie, same_site::SameSite, session_cookie::SessionCookie, set_cookie::SetCookie,
};
pub(crate) use self::{
    sent::SentCookies,
    session_id::{is_session_id, read_bearer_token},
};

#[cfg(test)]
#[cfg(all(feature = "idna", feature = "public-suffix"))]
mod tests;

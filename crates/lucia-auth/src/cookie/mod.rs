//! The session cookie and the bearer token, which carry session tokens, and the cookie of a device.

mod session_token;
mod sent;
mod set_cookie;
mod error;
mod session_cookie;
mod device_cookie;

pub(crate) use self::{
    device_cookie::{DEVICE_COOKIE, device_cookie},
    sent::{SentCookies, values_of},
    session_token::{is_cookie_safe, read_bearer_token},
};
pub use self::{
    error::InvalidSessionCookie,
    session_cookie::{SameSite, SessionCookie},
    set_cookie::SetCookie,
};

#[cfg(test)]
#[cfg(all(feature = "idna", feature = "public-suffix"))]
mod tests;

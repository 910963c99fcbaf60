mod lucia_js;
mod options;
mod reading;

use lucia_core::SessionToken;

use super::{SentCookies, SessionCookie};

fn sent(cookie: &SessionCookie, header: &str) -> SentCookies {
    cookie.read(std::iter::once(header.as_bytes()))
}

/// Returns the first candidate.
fn first(cookie: &SessionCookie, header: &str) -> Option<SessionToken> {
    sent(cookie, header).tokens.into_iter().next()
}

mod lucia_js;
mod options;
mod reading;

use lucia_core::SessionId;

use super::{SentCookies, SessionCookie};

fn sent(cookie: &SessionCookie, header: &str) -> SentCookies {
    cookie.read(std::iter::once(header.as_bytes()))
}

/// Returns the first candidate.
fn first(cookie: &SessionCookie, header: &str) -> Option<SessionId> {
    sent(cookie, header).session_ids.into_iter().next()
}

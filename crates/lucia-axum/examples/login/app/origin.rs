use std::{fmt, str::FromStr};

use lucia_auth::OneTimeToken;
use url::{Position, Url};

/// The origin of the pages and of links in mails, such as `https://example.com`.
///
/// It is configured. The `Host` header is whatever the sender of a request wrote: somebody who asks for a new password in
/// another's name could have the link, with its token, point to a server of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin(Url);

/// A text that is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidOrigin;

impl Origin {
    pub(crate) fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Returns the host, and the port unless it is the default of the scheme.
    pub(super) fn authority(&self) -> &str {
        &self.0[Position::BeforeHost..Position::AfterPort]
    }

    /// Returns the URL of a page, without the token in its query.
    pub(super) fn page(&self, path: &str) -> String {
        format!("{}{path}", self.0.origin().ascii_serialization())
    }

    pub(super) fn link(&self, path: &str, token: &OneTimeToken) -> String {
        format!("{}?token={}", self.page(path), token.as_str())
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let url = Url::parse(text).map_err(|_| InvalidOrigin)?;
        let is_origin = matches!(url.scheme(), "http" | "https")
            && url.as_str() == format!("{}/", url.origin().ascii_serialization());
        if is_origin { Ok(Self(url)) } else { Err(InvalidOrigin) }
    }
}

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an origin is a scheme and a host, such as https://example.com")
    }
}

impl std::error::Error for InvalidOrigin {}

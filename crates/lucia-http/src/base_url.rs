use reqwest::Url;

use crate::setup_error::InvalidUrl;

/// The URL of a service, to which paths are appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Parses a URL. A slash at its end has no meaning.
    ///
    /// # Errors
    /// Returns [`InvalidUrl`] if its scheme is not that of HTTP, or it contains credentials, a query or a fragment.
    pub fn parse(url: &str) -> Result<Self, InvalidUrl> {
        let mut url = Url::parse(url).map_err(|_| InvalidUrl::Syntax)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(InvalidUrl::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidUrl::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidUrl::QueryOrFragment);
        }
        let root = url.path().trim_end_matches('/').to_owned();
        url.set_path(&root);
        Ok(Self(url))
    }

    /// Returns the URL of a path below this one. The path starts with a slash and is percent-encoded.
    #[must_use]
    pub fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        // The path of an HTTP URL is never empty.
        match self.0.path() {
            "/" => url.set_path(path),
            root => url.set_path(&[root, path].concat()),
        }
        url
    }

    /// Returns the base of all paths below a path; see [`join`](Self::join).
    #[must_use]
    pub fn child(&self, path: &str) -> Self {
        Self(self.join(path))
    }

    /// Returns the URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_urls_are_rejected() {
        use InvalidUrl::{Credentials, QueryOrFragment, Scheme, Syntax};
        for (url, reason) in [
            ("", Syntax),
            ("kv.example.com", Syntax),
            ("ftp://a", Scheme),
            ("redis://a", Scheme),
            ("data:x", Scheme),
            ("https://u:p@a", Credentials),
            ("https://u@a", Credentials),
            ("https://a?b", QueryOrFragment),
            ("https://a#b", QueryOrFragment),
        ] {
            assert_eq!(BaseUrl::parse(url), Err(reason), "{url}");
        }
    }

    #[test]
    fn paths_are_appended() {
        for (base, url) in [
            ("http://host", "http://host/session/s%20"),
            ("https://host:1/", "https://host:1/session/s%20"),
            ("http://host/kv", "http://host/kv/session/s%20"),
            ("http://host/kv/", "http://host/kv/session/s%20"),
        ] {
            let base = BaseUrl::parse(base).unwrap();
            assert_eq!(base.join("/session/s%20").as_str(), url);
            assert_eq!(base.child("/session").join("/s%20").as_str(), url);
        }
    }
}

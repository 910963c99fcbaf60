use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

use super::{Csrf, authority::Authority, origin::Origin};
use crate::{Env, RequestContext, request::only_header};

/// The header in which browsers say how the sending page relates to the site (W3C Fetch Metadata). Scripts cannot set
/// it.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The reason why a request may not use the session cookie, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    #[error("the request has no `Origin` header")]
    NoOrigin,
    #[error("the request has several `Origin` headers")]
    SeveralOrigins,
    #[error("the `Origin` header is `null`")]
    OpaqueOrigin,
    #[error("the `Origin` header is not a web origin")]
    MalformedOrigin,
    #[error("the origin is not encrypted")]
    InsecureOrigin,
    #[error("the browser says that the request is from another site")]
    CrossSite,
    #[error("the site's own host is unknown")]
    UnknownHost,
    #[error("the origin is not the site's")]
    ForeignOrigin,
}

impl Csrf {
    /// Checks whether a request may use the session cookie.
    pub(crate) fn check(&self, request: &RequestContext<'_>, env: Env) -> Result<(), Rejection> {
        if !self.enabled || (is_safe(request.method) && !is_websocket(request.headers)) {
            return Ok(());
        }
        let fetch_site = only_header(request.headers, &SEC_FETCH_SITE);
        let origin = match origin(request.headers) {
            // The site's referrer policy makes browsers hide the origin.
            Err(Rejection::NoOrigin | Rejection::OpaqueOrigin) if fetch_site == Some("same-origin") => return Ok(()),
            origin => origin?,
        };
        if self.trusts(&origin, request) {
            return Ok(());
        }
        if fetch_site == Some("cross-site") {
            return Err(Rejection::CrossSite);
        }
        let encrypted = env == Env::Prod || request.uri.and_then(Uri::scheme_str) == Some("https");
        if !origin.is_https() && !origin.is_http() {
            return Err(Rejection::ForeignOrigin);
        }
        if encrypted && !origin.is_https() && !origin.authority.is_loopback() {
            return Err(Rejection::InsecureOrigin);
        }
        let site = self.site(request).ok_or(Rejection::UnknownHost)?.without_default_port(&origin.scheme);
        let origin = origin.authority;
        if origin.port == site.port && (origin.host == site.host || self.allows_subdomain(&origin, &site)) {
            Ok(())
        } else {
            Err(Rejection::ForeignOrigin)
        }
    }

    #[cfg(feature = "public-suffix")]
    fn allows_subdomain(&self, origin: &Authority, site: &Authority) -> bool {
        self.subdomains.allow(origin, site)
    }

    #[cfg(not(feature = "public-suffix"))]
    #[expect(clippy::unused_self, reason = "same signature as with the feature")]
    const fn allows_subdomain(&self, _: &Authority, _: &Authority) -> bool {
        false
    }

    /// Returns `true` if the application trusts the origin explicitly, whatever the site's host is.
    fn trusts(&self, origin: &Origin, request: &RequestContext<'_>) -> bool {
        self.trusted_origins.iter().any(|trusted| trusted.matches(origin))
            || self.trusted_when.as_ref().is_some_and(|trusted| trusted.0(&origin.to_string(), request))
    }

    /// Returns the site's host, from the most explicit source available.
    fn site(&self, request: &RequestContext<'_>) -> Option<Authority> {
        if let Some(host) = &self.host {
            return Some(host.clone());
        }
        if let Some(name) = &self.host_header {
            let value = if *name == header::HOST {
                only_header(request.headers, name)?
            } else {
                // Every proxy appends to the list; the first entry is the host that the browser requested.
                request.headers.get(name)?.to_str().ok()?.split(',').next()?.trim()
            };
            return Authority::parse(value);
        }
        match request.uri {
            Some(uri) if uri.authority().is_some() => authority(uri),
            _ => Authority::parse(only_header(request.headers, &header::HOST)?),
        }
    }
}

/// Returns `true` for methods that change nothing, and `false` for an empty one.
fn is_safe(method: &str) -> bool {
    ["GET", "HEAD", "OPTIONS", "TRACE"].iter().any(|safe| method.eq_ignore_ascii_case(safe))
}

/// Returns `true` for a browser's WebSocket handshake: a page of any site can open one with this site's cookies and
/// read the messages. Clients that are not browsers send no origin.
fn is_websocket(headers: &HeaderMap) -> bool {
    let mut protocols =
        headers.get_all(header::UPGRADE).iter().flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
    headers.contains_key(header::ORIGIN)
        && protocols.any(|protocol| protocol.trim_ascii().eq_ignore_ascii_case(b"websocket"))
}

fn origin(headers: &HeaderMap) -> Result<Origin, Rejection> {
    let mut values = headers.get_all(header::ORIGIN).iter().map(HeaderValue::as_bytes);
    match (values.next(), values.next()) {
        (None | Some(b""), None) => Err(Rejection::NoOrigin),
        (Some(b"null"), None) => Err(Rejection::OpaqueOrigin),
        (Some(value), None) => str::from_utf8(value).ok().and_then(Origin::parse).ok_or(Rejection::MalformedOrigin),
        (_, Some(_)) => Err(Rejection::SeveralOrigins),
    }
}

/// Returns the host of an absolute URI, without the default port of the URI's own scheme, which a proxy may have
/// changed.
fn authority(uri: &Uri) -> Option<Authority> {
    let authority = Authority { port: uri.port_u16(), ..Authority::parse(uri.host()?)? };
    Some(authority.without_default_port(uri.scheme_str().unwrap_or_default()))
}

use http::{HeaderMap, HeaderValue, Uri, header};

use super::{Csrf, authority::Authority, origin::Origin};
use crate::{Env, RequestContext, request::only_header};

/// Why a request may not use the session cookie: for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    #[error("it names no origin")]
    NoOrigin,
    #[error("it names several origins")]
    SeveralOrigins,
    #[error("its origin is none that a browser would send for a site")]
    OpaqueOrigin,
    #[error("its origin is not encrypted")]
    InsecureOrigin,
    #[error("the site's own host is not known")]
    UnknownHost,
    #[error("its origin is another one")]
    ForeignOrigin,
}

impl Csrf {
    /// Whether a request may use the session cookie.
    pub(crate) fn check(&self, request: &RequestContext<'_>, env: Env) -> Result<(), Rejection> {
        if !self.enabled || is_safe(request.method) {
            return Ok(());
        }
        let origin = origin(request.headers)?;
        if self.trusted_origins.contains(&origin) {
            return Ok(());
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
        if origin.port == site.port && (origin.host == site.host || self.subdomains.allow(&origin, &site)) {
            Ok(())
        } else {
            Err(Rejection::ForeignOrigin)
        }
    }

    /// The host that the site is known by, from the most explicit source there is.
    fn site(&self, request: &RequestContext<'_>) -> Option<Authority> {
        if let Some(host) = &self.host {
            return Some(host.clone());
        }
        if let Some(name) = &self.host_header {
            let value = if *name == header::HOST {
                only_header(request.headers, name)?
            } else {
                // Every proxy appends to the list; the first one saw what the browser asked for.
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

/// Methods that change nothing. An empty one is none of them.
fn is_safe(method: &str) -> bool {
    ["GET", "HEAD", "OPTIONS", "TRACE"].iter().any(|safe| method.eq_ignore_ascii_case(safe))
}

fn origin(headers: &HeaderMap) -> Result<Origin, Rejection> {
    let mut values = headers.get_all(header::ORIGIN).iter().map(HeaderValue::as_bytes);
    match (values.next(), values.next()) {
        (None | Some(b""), None) => Err(Rejection::NoOrigin),
        (Some(value), None) => str::from_utf8(value).ok().and_then(Origin::parse).ok_or(Rejection::OpaqueOrigin),
        (_, Some(_)) => Err(Rejection::SeveralOrigins),
    }
}

/// The host of an absolute address. Its default port is the one of its own scheme, which a proxy may have changed.
fn authority(uri: &Uri) -> Option<Authority> {
    let authority = Authority { port: uri.port_u16(), ..Authority::parse(uri.host()?)? };
    Some(authority.without_default_port(uri.scheme_str().unwrap_or_default()))
}

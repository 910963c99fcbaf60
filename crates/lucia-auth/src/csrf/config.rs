use std::{fmt, sync::Arc};

use http::HeaderName;

#[cfg(feature = "public-suffix")]
use super::AllowedSubdomains;
use super::{InvalidCsrf, authority::Authority, origin::TrustedOrigin};
use crate::RequestContext;

/// Decides which requests may use the session cookie: Lucia's option `csrfProtection`.
///
/// `GET`, `HEAD`, `OPTIONS` and `TRACE` requests may, except a WebSocket handshake with an `Origin` header. Any other
/// request needs an `Origin` header with the site itself, an allowed subdomain or a trusted origin. Otherwise it is
/// treated as signed out, and the cookie is left unchanged.
///
/// The browser's `Sec-Fetch-Site` header is used as well. If the site's referrer policy hides the origin, which is then
/// `null` or absent, `same-origin` replaces it, and [`host`](Self::host) is not checked: make sure that the server
/// rejects requests for hosts whose pages are not yours. With `cross-site` only a trusted origin is accepted.
///
/// The site's host is the value of [`host`](Self::host), or of the header [`host_header`](Self::host_header), or the
/// host that the request was sent to: that of an absolute URI, as in HTTP/2, otherwise the `Host` header. Hosts are
/// compared with their ports after normalising case, default ports and international names. The scheme must be `https`
/// in [`Env::Prod`](crate::Env::Prod) and if the request's URI says so, except on a loopback address.
///
/// ```
/// use lucia_auth::{Auth, Csrf, memory::MemoryAdapter};
///
/// // Behind a proxy that forwards another host, and with an administration site on another domain.
/// let csrf = Csrf::new().host("example.com").trusted_origins(["https://admin.example.net"]);
/// let auth = Auth::builder(MemoryAdapter::new()).csrf_protection(csrf).build()?;
///
/// let request = http::Request::post("/").header("host", "10.0.0.7:8080");
/// let request = request.header("origin", "https://example.com").body(()).unwrap();
/// assert!(auth.validate_request_origin(&request).is_ok());
/// # Ok::<(), lucia_auth::BuildError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Csrf {
    pub(super) enabled: bool,
    pub(super) host: Option<Authority>,
    pub(super) host_header: Option<HeaderName>,
    #[cfg(feature = "public-suffix")]
    pub(super) subdomains: AllowedSubdomains,
    pub(super) trusted_origins: Vec<TrustedOrigin>,
    pub(super) trusted_when: Option<TrustedWhen>,
    invalid: Option<InvalidCsrf>,
}

type IsTrusted = dyn Fn(&str, &RequestContext<'_>) -> bool + Send + Sync;

/// Decides whether an origin is trusted for a request.
#[derive(Clone)]
pub(super) struct TrustedWhen(pub(super) Arc<IsTrusted>);

impl fmt::Debug for TrustedWhen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fn")
    }
}

impl Csrf {
    /// Creates a protection that trusts only the site itself.
    pub fn new() -> Self {
        Self {
            enabled: true,
            host: None,
            host_header: None,
            #[cfg(feature = "public-suffix")]
            subdomains: AllowedSubdomains::default(),
            trusted_origins: Vec::new(),
            trusted_when: None,
            invalid: None,
        }
    }

    /// Disables the protection, for applications that have their own.
    pub fn off() -> Self {
        Self { enabled: false, ..Self::new() }
    }

    /// Sets the site's host, with its port unless it is the scheme's default. Defaults to the host that the request was
    /// sent to.
    pub fn host(mut self, host: &str) -> Self {
        self.host = Authority::parse(host);
        if self.host.is_none() {
            self.refuse(InvalidCsrf::Host { host: host.to_owned() });
        }
        self
    }

    /// Sets the header in which a proxy forwards the site's host, such as `X-Forwarded-Host`. It takes precedence over
    /// the request's URI and the `Host` header; a request without it is rejected.
    ///
    /// If several proxies made it a list, its first host is used, which is the one that the browser requested. The
    /// proxy must set the header, not forward the client's.
    pub fn host_header(mut self, name: &str) -> Self {
        self.host_header = HeaderName::from_bytes(name.as_bytes()).ok();
        if self.host_header.is_none() {
            self.refuse(InvalidCsrf::HostHeader { name: name.to_owned() });
        }
        self
    }

    /// Sets the subdomains of the site's domain that are trusted in addition. Defaults to none.
    #[cfg(feature = "public-suffix")]
    pub fn allowed_subdomains(mut self, subdomains: AllowedSubdomains) -> Self {
        match subdomains.normalize() {
            Ok(subdomains) => self.subdomains = subdomains,
            Err(error) => self.refuse(error),
        }
        self
    }

    /// Adds origins that are trusted whatever the site's host is: scheme, host, and port unless it is the scheme's
    /// default. Any scheme is allowed, such as those of browser extensions and mobile applications.
    ///
    /// A host that starts with `*.` matches every host below the domain, at any depth, but not the domain itself:
    /// `https://*.preview.example.com`. Whoever can serve a page on such a host is trusted, so the domain must not be a
    /// public suffix; without the feature `public-suffix`, which knows them, such a pattern is an error.
    pub fn trusted_origins<T: AsRef<str>>(mut self, origins: impl IntoIterator<Item = T>) -> Self {
        for origin in origins {
            match TrustedOrigin::parse(origin.as_ref()) {
                Ok(origin) => self.trusted_origins.push(origin),
                Err(error) => self.refuse(error),
            }
        }
        self
    }

    /// Sets a function that decides which origins are trusted for a request, in addition to the listed ones. It
    /// receives the normalised origin: scheme, lower-case host, and the port unless it is the scheme's default.
    ///
    /// ```
    /// use lucia_auth::Csrf;
    ///
    /// let csrf = Csrf::new().trust_origins_when(|origin, request| {
    ///     origin == "https://partner.example" && request.uri.is_some_and(|uri| uri.path().starts_with("/embedded/"))
    /// });
    /// ```
    pub fn trust_origins_when(
        mut self,
        is_trusted: impl Fn(&str, &RequestContext<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.trusted_when = Some(TrustedWhen(Arc::new(is_trusted)));
        self
    }

    pub(crate) fn validate(&self) -> Result<(), InvalidCsrf> {
        self.invalid.clone().map_or(Ok(()), Err)
    }

    /// Returns the first invalid option.
    fn refuse(&mut self, error: InvalidCsrf) {
        self.invalid.get_or_insert(error);
    }
}

impl Default for Csrf {
    fn default() -> Self {
        Self::new()
    }
}

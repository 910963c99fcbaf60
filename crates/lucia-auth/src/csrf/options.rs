use std::{fmt, sync::Arc};

use http::HeaderName;

use super::{AllowedSubdomains, InvalidCsrf, authority::Authority, trusted_origin::TrustedOrigin};
use crate::RequestContext;

/// Which requests may use the session cookie: Lucia's option `csrfProtection`.
///
/// `GET`, `HEAD`, `OPTIONS` and `TRACE` may, but for a WebSocket handshake that names an origin. Any other request needs an
/// `Origin` header of the site itself, of an allowed subdomain or of a trusted origin; otherwise it counts as signed out, and
/// the cookie stays as it is.
///
/// What the browser says of the request (`Sec-Fetch-Site`) counts, too. Where the site's referrer policy hides the origin,
/// which is `null` or absent then, `same-origin` stands for it, and [`host`](Self::host) is not checked: make sure that the
/// server rejects requests for hosts whose pages are not yours. With `cross-site` only a trusted origin passes.
///
/// The site's host is the one that [`host`](Self::host) names, or that the header of [`host_header`](Self::host_header)
/// holds, or that the request was sent to: the host of an absolute address, as HTTP/2 has it, else the `Host` header. Hosts
/// are compared with their ports, and without regard to case or to how a default port or an international name is written.
/// The scheme has to be `https` in [`Env::Prod`](crate::Env::Prod) and where the request's own address says so, except on
/// a loopback address.
///
/// ```
/// use lucia_auth::{Auth, Csrf, memory::MemoryAdapter};
///
/// // Behind a proxy that passes another host on, and with an administration site elsewhere.
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
    pub(super) subdomains: AllowedSubdomains,
    pub(super) trusted_origins: Vec<TrustedOrigin>,
    pub(super) trusted_when: Option<TrustedWhen>,
    invalid: Option<InvalidCsrf>,
}

type IsTrusted = dyn Fn(&str, &RequestContext<'_>) -> bool + Send + Sync;

/// Decides about an origin, of which it gets the text and the request.
#[derive(Clone)]
pub(super) struct TrustedWhen(pub(super) Arc<IsTrusted>);

impl fmt::Debug for TrustedWhen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fn")
    }
}

impl Csrf {
    /// Protection that trusts the site itself.
    pub fn new() -> Self {
        Self {
            enabled: true,
            host: None,
            host_header: None,
            subdomains: AllowedSubdomains::default(),
            trusted_origins: Vec::new(),
            trusted_when: None,
            invalid: None,
        }
    }

    /// No protection: for applications that do their own.
    pub fn off() -> Self {
        Self { enabled: false, ..Self::new() }
    }

    /// Sets the site's host, with its port unless that is the scheme's own. Defaults to the host that the request was sent to.
    pub fn host(mut self, host: &str) -> Self {
        self.host = Authority::parse(host);
        if self.host.is_none() {
            self.refuse(InvalidCsrf::Host { host: host.to_owned() });
        }
        self
    }

    /// Sets the header in which a proxy passes the site's host on, such as `X-Forwarded-Host`. It wins over the request's address
    /// and the `Host` header; a request without it is from nowhere.
    ///
    /// Of a list, as several proxies make it, the first host counts: that is the one which the browser asked for. The proxy
    /// has to set the header, not to pass on what a client sent.
    pub fn host_header(mut self, name: &str) -> Self {
        self.host_header = HeaderName::from_bytes(name.as_bytes()).ok();
        if self.host_header.is_none() {
            self.refuse(InvalidCsrf::HostHeader { name: name.to_owned() });
        }
        self
    }

    /// Sets which subdomains of the site's domain are trusted, too. Defaults to none.
    pub fn allowed_subdomains(mut self, subdomains: AllowedSubdomains) -> Self {
        match subdomains.normalize() {
            Ok(subdomains) => self.subdomains = subdomains,
            Err(error) => self.refuse(error),
        }
        self
    }

    /// Adds origins that are trusted whatever the site's host is: scheme, host, and port unless it is the scheme's own. They
    /// may be of other schemes, as those of browser extensions and of applications on a phone are.
    ///
    /// A host that begins with `*.` stands for every host below the domain, at any depth, and not for the domain itself:
    /// `https://*.preview.example.com`. Everybody who can put a page on such a host is trusted, so the domain cannot be a
    /// public suffix.
    pub fn trusted_origins<T: AsRef<str>>(mut self, origins: impl IntoIterator<Item = T>) -> Self {
        for origin in origins {
            match TrustedOrigin::parse(origin.as_ref()) {
                Ok(origin) => self.trusted_origins.push(origin),
                Err(error) => self.refuse(error),
            }
        }
        self
    }

    /// Sets a function that says which origins are trusted, beside the listed ones, for a request. It gets the origin in one
    /// spelling: scheme, lower-case host, and the port unless it is the scheme's own.
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

    /// The first mistake is the one that is told.
    fn refuse(&mut self, error: InvalidCsrf) {
        self.invalid.get_or_insert(error);
    }
}

impl Default for Csrf {
    fn default() -> Self {
        Self::new()
    }
}

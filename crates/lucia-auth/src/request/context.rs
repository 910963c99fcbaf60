use http::{HeaderMap, HeaderName, Request, Uri, request::Parts};

/// What [`Auth::handle_request`](crate::Auth::handle_request) looks at in a request: what Lucia's middleware makes of the
/// request of a framework.
///
/// It is made of the request types of the `http` crate, which axum, hyper, tonic and others share.
///
/// ```
/// use lucia_auth::RequestContext;
///
/// let request = http::Request::post("/account").header("origin", "https://example.com").body(())?;
/// let context = RequestContext::from(&request);
/// assert_eq!(context.method, "POST");
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct RequestContext<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// The address that was asked for. Where it has a host, as in HTTP/2, that is the site's; else the `Host` header is.
    pub uri: Option<&'a Uri>,
    /// The headers: `Origin`, `Host`, `Cookie`, `Authorization`, and the one that [`Csrf`](crate::Csrf) names.
    pub headers: &'a HeaderMap,
    /// The session cookie's value, if the framework parsed the cookies already.
    pub session_cookie: Option<&'a str>,
}

impl<'a> From<&'a Parts> for RequestContext<'a> {
    fn from(parts: &'a Parts) -> Self {
        Self { method: parts.method.as_str(), uri: Some(&parts.uri), headers: &parts.headers, session_cookie: None }
    }
}

impl<'a, B> From<&'a Request<B>> for RequestContext<'a> {
    fn from(request: &'a Request<B>) -> Self {
        Self {
            method: request.method().as_str(),
            uri: Some(request.uri()),
            headers: request.headers(),
            session_cookie: None,
        }
    }
}

impl std::fmt::Debug for RequestContext<'_> {
    /// Headers hold secrets, so only their names are shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequestContext")
            .field("method", &self.method)
            .field("headers", &self.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

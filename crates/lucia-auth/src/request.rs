//! What is read of a request, and written into the headers of its response.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header, request::Parts};

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

impl fmt::Debug for RequestContext<'_> {
    /// Headers hold secrets, so only their names are shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestContext")
            .field("method", &self.method)
            .field("headers", &self.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// What a browser makes the request for (W3C Fetch Metadata). No script can set it.
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Returns whether a browser loads a page. Over plain HTTP, and before 2023, it does not say so but by asking for HTML.
pub(crate) fn is_page_load(request: &RequestContext<'_>) -> bool {
    let reads = ["GET", "HEAD"].iter().any(|method| request.method.eq_ignore_ascii_case(method));
    reads
        && match request.headers.get(SEC_FETCH_MODE) {
            Some(mode) => mode == "navigate",
            None => lists(request.headers, &header::ACCEPT, |range| range.starts_with("text/html")),
        }
}

/// Returns the value of a header that may come once only: `None` if it is absent or repeated.
pub(crate) fn only_header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

/// Adds a name to `Vary`, if it is not there.
pub(crate) fn vary(headers: &mut HeaderMap, name: &HeaderName) {
    if !lists(headers, &header::VARY, |listed| listed == "*" || listed.eq_ignore_ascii_case(name.as_str())) {
        headers.append(header::VARY, HeaderValue::from_name(name.clone()));
    }
}

/// Makes sure that no cache stores the response.
pub(crate) fn forbid_storing(headers: &mut HeaderMap) {
    if !lists(headers, &header::CACHE_CONTROL, |directive| directive.eq_ignore_ascii_case("no-store")) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Returns whether a header, which is a list, has such an element.
fn lists(headers: &HeaderMap, name: &HeaderName, is_wanted: impl Fn(&str) -> bool) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|element| is_wanted(element.trim()))
}

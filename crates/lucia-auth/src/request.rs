//! The input of a request, and the headers of its response.

use std::{fmt, net::IpAddr};

use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header, request::Parts};

/// The parts of a request that [`Auth::handle_request`](crate::Auth::handle_request) reads. Lucia's middleware creates
/// it from a framework's request.
///
/// It converts from the request types of the `http` crate, which axum, hyper, tonic and others use.
///
/// ```
/// use lucia_auth::RequestContext;
///
/// let request = http::Request::post("/account").header("origin", "https://example.com").body(())?;
/// let context = RequestContext::from(&request);
/// assert_eq!(context.method, "POST");
/// # Ok::<(), http::Error>(())
/// ```
// Exhaustive, so that the integration of a framework can write it as a literal.
#[derive(Clone, Copy)]
pub struct RequestContext<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// The URI. If it has a host, as in HTTP/2, that is the site's host; otherwise the `Host` header is used.
    pub uri: Option<&'a Uri>,
    /// The headers: `Origin`, `Host`, `Cookie`, `Authorization`, and the one configured in [`Csrf`](crate::Csrf).
    pub headers: &'a HeaderMap,
    /// The session cookie's value, if the framework parsed the cookies.
    pub session_cookie: Option<&'a str>,
    /// The client's address, if it is known: not that of a proxy, and not one that the client chose, as in a header.
    pub client_address: Option<IpAddr>,
}

impl<'a> From<&'a Parts> for RequestContext<'a> {
    fn from(parts: &'a Parts) -> Self {
        Self {
            method: parts.method.as_str(),
            uri: Some(&parts.uri),
            headers: &parts.headers,
            session_cookie: None,
            client_address: None,
        }
    }
}

impl<'a, B> From<&'a Request<B>> for RequestContext<'a> {
    fn from(request: &'a Request<B>) -> Self {
        Self {
            method: request.method().as_str(),
            uri: Some(request.uri()),
            headers: request.headers(),
            session_cookie: None,
            client_address: None,
        }
    }
}

impl fmt::Debug for RequestContext<'_> {
    /// Shows only the names of headers, whose values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestContext")
            .field("method", &self.method)
            .field("headers", &self.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// The destination of a browser's request (W3C Fetch Metadata). Scripts cannot set it.
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Returns `true` if a browser loads a page. Over plain HTTP, and before 2023, browsers only show it by accepting HTML.
pub(crate) fn is_page_load(request: &RequestContext<'_>) -> bool {
    let reads = ["GET", "HEAD"].iter().any(|method| request.method.eq_ignore_ascii_case(method));
    reads
        && match request.headers.get(SEC_FETCH_MODE) {
            Some(mode) => mode == "navigate",
            None => lists(request.headers, &header::ACCEPT, |range| range.starts_with("text/html")),
        }
}

/// Returns the value of a header. `None` if it is absent or repeated.
pub(crate) fn only_header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

/// Adds a name to `Vary`, unless it is present.
pub(crate) fn vary(headers: &mut HeaderMap, name: &HeaderName) {
    if !lists(headers, &header::VARY, |listed| listed == "*" || listed.eq_ignore_ascii_case(name.as_str())) {
        headers.append(header::VARY, HeaderValue::from_name(name.clone()));
    }
}

/// Forbids caches to store the response.
pub(crate) fn forbid_storing(headers: &mut HeaderMap) {
    if !lists(headers, &header::CACHE_CONTROL, |directive| directive.eq_ignore_ascii_case("no-store")) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Returns `true` if a list header contains an element.
fn lists(headers: &HeaderMap, name: &HeaderName, is_wanted: impl Fn(&str) -> bool) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|element| is_wanted(element.trim()))
}

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::RequestContext;

/// What a browser makes the request for (W3C Fetch Metadata). No script can set it.
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Returns whether a browser loads a page. Over plain HTTP, and before 2023, it does not say so but by asking for HTML.
pub(super) fn is_page_load(request: &RequestContext<'_>) -> bool {
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
pub(super) fn vary(headers: &mut HeaderMap, name: &HeaderName) {
    if !lists(headers, &header::VARY, |listed| listed == "*" || listed.eq_ignore_ascii_case(name.as_str())) {
        headers.append(header::VARY, HeaderValue::from_name(name.clone()));
    }
}

/// Makes sure that no cache stores the response.
pub(super) fn forbid_storing(headers: &mut HeaderMap) {
    if !lists(headers, &header::CACHE_CONTROL, |directive| directive.eq_ignore_ascii_case("no-store")) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Returns whether a header, which is a list, has such an element.
fn lists(headers: &HeaderMap, name: &HeaderName, is_wanted: impl Fn(&str) -> bool) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|element| is_wanted(element.trim()))
}

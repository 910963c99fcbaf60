use http::{HeaderMap, HeaderName, HeaderValue, header};

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

/// Whether a header, which is a list, has such an element.
fn lists(headers: &HeaderMap, name: &HeaderName, is_wanted: impl Fn(&str) -> bool) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|element| is_wanted(element.trim()))
}

//! Settings that a builder of `object_store` accepts although no request can be made with them: it panics then.

use http::Uri;

use crate::setup_error::SetupError;

type Checked = Result<(), SetupError>;

/// Checks a value that becomes a part of a header.
pub(crate) fn check_header(setting: &'static str, value: Option<&str>) -> Checked {
    let is_visible = |value: &str| value.bytes().all(|byte| byte.is_ascii_graphic());
    match value {
        Some(value) if !is_visible(value) => {
            Err(invalid(setting, "it has a space, a line break or a character that is not ASCII"))
        }
        _ => Ok(()),
    }
}

/// Checks a name that becomes a part of a URL.
pub(crate) fn check_name(setting: &'static str, value: Option<&str>) -> Checked {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._$".contains(&byte);
    match value {
        Some("") => Err(invalid(setting, "it is empty")),
        Some(value) if !value.bytes().all(is_part) => {
            Err(invalid(setting, "it has a character that is not a letter, a digit, `-`, `.`, `_` or `$`"))
        }
        _ => Ok(()),
    }
}

/// Checks the URL of a service.
pub(crate) fn check_endpoint(value: Option<&str>, allows_http: bool) -> Checked {
    const ENDPOINT: &str = "endpoint";
    let Some(value) = value else { return Ok(()) };
    let uri = value.parse::<Uri>().ok().filter(|uri| uri.host().is_some_and(|host| !host.is_empty()));
    match uri.as_ref().and_then(Uri::scheme_str) {
        Some("https") => Ok(()),
        Some("http") if allows_http => Ok(()),
        Some("http") => Err(invalid(ENDPOINT, "it begins with `http://`, which `with_allow_http(true)` has to allow")),
        _ => Err(invalid(ENDPOINT, "it is not a URL that begins with `https://` or `http://`")),
    }
}

const fn invalid(setting: &'static str, reason: &'static str) -> SetupError {
    SetupError::Builder { setting, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_without_which_no_request_can_be_made_are_refused() {
        for (value, is_valid) in [("AKIA1+/=", true), ("key\n", false), ("a key", false), ("schlüssel", false)] {
            assert_eq!(check_header("access key", Some(value)).is_ok(), is_valid, "{value}");
        }
        for (value, is_valid) in [("sessions", true), ("$web", true), ("", false), ("sessions ", false), ("a/x", false)]
        {
            assert_eq!(check_name("bucket", Some(value)).is_ok(), is_valid, "{value}");
        }
        for (value, allows_http, is_valid) in [
            ("https://s3.example.com", false, true),
            ("http://127.0.0.1:9000/lucia", true, true),
            ("http://127.0.0.1:9000", false, false),
            ("127.0.0.1:9000", true, false),
            ("localhost:9000", true, false),
            ("nonsense", true, false),
            ("https://", true, false),
            ("https://a b", true, false),
        ] {
            assert_eq!(check_endpoint(Some(value), allows_http).is_ok(), is_valid, "{value}");
        }
        assert!(check_name("bucket", None).is_ok() && check_endpoint(None, false).is_ok());
    }
}

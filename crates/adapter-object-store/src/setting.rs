//! Settings that a builder of `object_store` accepts although no request can be made with them: it panics then.

use http::Uri;

use crate::setup_error::SetupError;

pub(crate) type Checked = Result<(), SetupError>;

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

/// Reads a switch as the client does, from any spelling that an environment variable may have.
pub(crate) fn is_true(setting: &'static str, value: Option<String>) -> Result<bool, SetupError> {
    match value.unwrap_or_default().to_ascii_lowercase().as_str() {
        "1" | "true" | "on" | "yes" | "y" => Ok(true),
        "" | "0" | "false" | "off" | "no" | "n" => Ok(false),
        _ => Err(invalid(setting, "it must be `true` or `false`")),
    }
}

/// Whether a URL may begin with `http://`.
#[derive(Clone, Copy)]
pub(crate) enum Http {
    Allowed,
    /// The reason, for the error.
    Refused(&'static str),
}

impl Http {
    pub(crate) const fn allowed_if(allowed: bool, refusal: &'static str) -> Self {
        if allowed { Self::Allowed } else { Self::Refused(refusal) }
    }
}

/// Checks a URL that the client requests as it is.
pub(crate) fn check_url(setting: &'static str, value: &str, http: Http) -> Checked {
    let uri = value.parse::<Uri>().ok().filter(|uri| uri.host().is_some_and(|host| !host.is_empty()));
    match (uri.as_ref().and_then(Uri::scheme_str), http) {
        (Some("https"), _) | (Some("http"), Http::Allowed) => Ok(()),
        (Some("http"), Http::Refused(reason)) => Err(invalid(setting, reason)),
        _ => Err(invalid(setting, "it is not a URL that begins with `https://` or `http://`")),
    }
}

/// Checks a path, with a query or without, that the client appends to a host.
#[cfg(feature = "aws")]
pub(crate) fn check_path(setting: &'static str, value: &str) -> Checked {
    let is_path = value.starts_with('/') && value.parse::<http::uri::PathAndQuery>().is_ok();
    if is_path { Ok(()) } else { Err(invalid(setting, "it is not a path that begins with `/`")) }
}

/// Checks the URL of a service. Returns it as the client has to get it: it appends names after a slash of its own.
pub(crate) fn endpoint(setting: &'static str, value: Option<String>, http: Http) -> Result<Option<String>, SetupError> {
    let Some(value) = value else { return Ok(None) };
    check_url(setting, &value, http)?;
    if value.contains(['?', '#', '@']) {
        return Err(invalid(setting, "it has a query, a fragment or a user name"));
    }
    Ok(Some(value.trim_end_matches('/').to_owned()))
}

const fn invalid(setting: &'static str, reason: &'static str) -> SetupError {
    SetupError::Builder { setting, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http(allowed: bool) -> Http {
        Http::allowed_if(allowed, "it begins with `http://`")
    }

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
            ("", true, false),
            ("https://s3.example.com/?x", true, false),
            ("https://s3.example.com/#x", true, false),
            ("https://name:secret@s3.example.com", true, false),
        ] {
            assert_eq!(endpoint("endpoint", Some(value.to_owned()), http(allows_http)).is_ok(), is_valid, "{value}");
        }
        assert!(check_name("bucket", None).is_ok() && endpoint("endpoint", None, http(false)).is_ok());
    }

    #[test]
    fn an_endpoint_loses_its_last_slash() {
        for (value, expected) in
            [("https://a/b//", "https://a/b"), ("https://a/", "https://a"), ("https://a", "https://a")]
        {
            assert_eq!(endpoint("endpoint", Some(value.to_owned()), http(false)).unwrap().as_deref(), Some(expected));
        }
    }

    #[test]
    fn switches_are_read_as_the_client_reads_them() {
        let read = |value: &str| is_true("switch", Some(value.to_owned())).ok();
        assert_eq!(["1", "TRUE", "on", "Yes", "y"].map(read), [Some(true); 5]);
        assert_eq!(["0", "False", "off", "NO", "n"].map(read), [Some(false); 5]);
        assert_eq!((read("maybe"), is_true("switch", None).ok()), (None, Some(false)));
    }
}

//! The response in an error of `object_store`, whose type does not expose it.

/// The status and the error code of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) code: Option<String>,
}

/// Before the status and the body of a response.
const STATUS: &str = "Server returned non-2xx status code: ";
/// Before the body of a response of S3 with status 200 that is an error.
const ERROR_BODY: &str = "Server returned error response: ";
/// Before the error code of an object that was not deleted although others were, in S3; in Azure before its status.
const NOT_DELETED: &str = " (code: ";

/// The maximum length of an error code. The longest ones have about 50 characters.
const MAX_CODE: usize = 100;

impl Response {
    /// Finds the response in the text of an error. `None` if there was no response.
    ///
    /// Keys and their URLs contain no spaces, so that they are not mistaken for it.
    pub(crate) fn find(text: &str) -> Option<Self> {
        if let Some((_, rest)) = text.split_once(STATUS) {
            return Some(Self { status: rest.get(..3)?.parse().ok()?, code: element(rest) });
        }
        if let Some((_, body)) = text.split_once(ERROR_BODY) {
            return Some(Self { status: 200, code: element(body) });
        }
        let (_, rest) = text.rsplit_once(NOT_DELETED)?;
        let code = code(rest.strip_suffix(')')?)?;
        Some(match code.parse() {
            // A missing container is not reported for each blob.
            Ok(404) => Self { status: 404, code: Some("BlobNotFound".to_owned()) },
            Ok(status) => Self { status, code: None },
            Err(_) => Self { status: 200, code: Some(code) },
        })
    }

    pub(crate) fn has_code(&self, codes: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }
}

/// Returns the error code in a body: the content of the element `Code`.
fn element(body: &str) -> Option<String> {
    let (_, rest) = body.split_once("<Code>")?;
    code(rest.split_once("</Code>")?.0)
}

/// Returns the text if it is an error code, not something else that a server puts there.
fn code(text: &str) -> Option<String> {
    let is_code = !text.is_empty() && text.len() <= MAX_CODE && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Option<(u16, Option<String>)> {
        Response::find(text).map(|response| (response.status, response.code))
    }

    #[test]
    fn responses_are_found_in_errors() {
        let code = |code: &str| Some(code.to_owned());
        for (text, response) in [
            (
                "Object at location session/s1 not found: Error performing GET http://127.0.0.1/b/session/s1 in 1ms - \
                 Server returned non-2xx status code: 404 Not Found: <?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey\
                 </Code><Message>The specified key does not exist.</Message></Error>",
                Some((404, code("NoSuchKey"))),
            ),
            ("Generic GCS error: ... Server returned non-2xx status code: 502 Bad Gateway: <html>", Some((502, None))),
            (
                "Generic S3 error: ... Server returned error response: <Error><Code>SlowDown</Code></Error>",
                Some((200, code("SlowDown"))),
            ),
            (
                "Generic S3 error: DeleteObjects request failed for key session/s1: Access Denied (code: AccessDenied)",
                Some((200, code("AccessDenied"))),
            ),
            ("... failed for key session/s1: Forbidden (code: 403)", Some((403, None))),
            ("... failed for key session/s1: Not Found (code: 404)", Some((404, code("BlobNotFound")))),
            ("Generic S3 error: Error performing GET http://127.0.0.1/ in 1ms - HTTP error: connection refused", None),
            ("Server returned non-2xx status code: 40", None),
        ] {
            assert_eq!(found(text), response, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_code_is_omitted() {
        let body = |code: &str| format!("Server returned non-2xx status code: 404 Not Found: <Code>{code}</Code>");
        for other in ["", "session/s1", "a b", &"a".repeat(101)] {
            assert_eq!(found(&body(other)), Some((404, None)), "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            Response::find(&format!("{STATUS}{text}"));
            Response::find(&format!("{NOT_DELETED}{text}"));
        }
    }
}

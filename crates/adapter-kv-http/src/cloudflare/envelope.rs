use std::collections::{BTreeSet, HashMap};

use lucia_http::{HttpError, Response};
use serde::{Deserialize, de::DeserializeOwned};

use crate::error::Error;

/// The wrapper of every response except values.
#[derive(Debug, Deserialize)]
struct Envelope<R> {
    success: bool,
    result: Option<R>,
    result_info: Option<ResultInfo>,
}

#[derive(Debug, Deserialize)]
struct ResultInfo {
    cursor: Option<String>,
}

/// A key in a page of a listing.
#[derive(Debug, Deserialize)]
pub(super) struct Listed {
    name: String,
}

/// The result of a bulk read.
#[derive(Debug, Deserialize)]
pub(super) struct Values {
    pub(super) values: HashMap<String, Option<String>>,
}

/// Decodes the wrapper of a successful response.
fn unwrap<R: DeserializeOwned>(response: &Response) -> Result<Envelope<R>, HttpError> {
    let envelope: Envelope<R> =
        serde_json::from_slice(&response.body).map_err(|_| HttpError::unexpected("the JSON of Cloudflare's API"))?;
    if envelope.success { Ok(envelope) } else { Err(response.error()) }
}

/// Checks that a write succeeded.
pub(super) fn done(response: &Response) -> Result<(), HttpError> {
    unwrap::<serde::de::IgnoredAny>(response).map(|_| ())
}

/// Checks that a bulk write succeeded for each of its keys.
pub(super) fn all_done(response: &Response) -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Done {
        #[serde(default)]
        unsuccessful_keys: Vec<serde::de::IgnoredAny>,
    }
    let unsuccessful = unwrap::<Done>(response)?.result.map_or(0, |done| done.unsuccessful_keys.len());
    if unsuccessful == 0 { Ok(()) } else { Err(Error::Partial { keys: unsuccessful }) }
}

/// Returns the values of a bulk read.
pub(super) fn values(response: &Response) -> Result<Values, HttpError> {
    unwrap(response)?.result.ok_or(HttpError::unexpected("values"))
}

/// Returns the keys of a page, and the cursor of the next one.
pub(super) fn page(
    response: &Response,
    prefix: &str,
    cursor: Option<&str>,
) -> Result<(Vec<String>, Option<String>), HttpError> {
    let envelope: Envelope<Vec<Listed>> = unwrap(response)?;
    let listed = envelope.result.ok_or(HttpError::unexpected("keys"))?;
    let keys: BTreeSet<String> = listed.into_iter().map(|key| key.name).collect();
    // A service that returns other keys may omit some of the requested ones.
    if keys.iter().any(|key| !key.starts_with(prefix)) {
        return Err(HttpError::unexpected("only the requested keys"));
    }
    let next = envelope.result_info.and_then(|info| info.cursor).filter(|next| !next.is_empty());
    if next.is_some() && next.as_deref() == cursor {
        return Err(HttpError::unexpected("a new cursor"));
    }
    Ok((keys.into_iter().collect(), next))
}

#[cfg(test)]
mod tests {
    use lucia_http::reqwest::StatusCode;
    use proptest::prelude::*;

    use super::*;

    fn response(body: &str) -> Response {
        Response::new(StatusCode::OK, body.into())
    }

    fn read_page(body: &str) -> Result<(Vec<String>, Option<String>), HttpError> {
        page(&response(body), "u:", Some("c1"))
    }

    #[test]
    fn pages_have_keys_and_a_cursor() {
        let body = r#"{"success":true,"errors":[],"messages":[],"result":[{"name":"u:b","expiration":1577836800},{"name":"u:a"},{"name":"u:b"}],
            "result_info":{"count":3,"cursor":"c2"}}"#;
        assert_eq!(read_page(body).unwrap(), (vec!["u:a".to_owned(), "u:b".to_owned()], Some("c2".to_owned())));
        for last in
            [r#","result_info":{"count":0,"cursor":""}"#, r#","result_info":{"count":0}"#, r#","result_info":null"#, ""]
        {
            let body = format!(r#"{{"success":true,"result":[]{last}}}"#);
            assert_eq!(read_page(&body).unwrap(), (Vec::new(), None));
        }
    }

    #[test]
    fn invalid_pages_are_errors() {
        for body in [
            r#"{"success":true,"result":[{"name":"u:a"},{"name":"v:b"}]}"#,
            r#"{"success":true,"result":[],"result_info":{"cursor":"c1"}}"#,
            r#"{"success":true,"result":null}"#,
            r#"{"success":true,"result":[{"key":"u:a"}]}"#,
            r#"{"success":false,"errors":[{"code":10013,"message":"namespace not found"}],"result":null}"#,
            r#"[{"name":"u:a"}]"#,
            "<html></html>",
            "",
        ] {
            assert!(read_page(body).is_err(), "{body}");
        }
    }

    #[test]
    fn a_failure_in_a_successful_response_has_its_code() {
        let body = r#"{"success":false,"errors":[{"code":10013,"message":"namespace not found"}],"result":null}"#;
        let error = done(&response(body)).unwrap_err();
        assert!(matches!(error, HttpError::Status { status: 200, code: Some(10013), .. }), "{error}");
        assert!(done(&response(r#"{"success":true,"errors":[],"messages":[],"result":null}"#)).is_ok());
        assert!(done(&response(r#"{"success":true,"result":{}}"#)).is_ok());
        assert!(done(&response("OK")).is_err());
    }

    #[test]
    fn a_key_that_was_not_written_is_an_error() {
        for body in [
            r#"{"success":true,"result":{"successful_key_count":2,"unsuccessful_keys":[]}}"#,
            r#"{"success":true,"result":null}"#,
        ] {
            assert!(all_done(&response(body)).is_ok(), "{body}");
        }
        let error =
            all_done(&response(r#"{"success":true,"result":{"unsuccessful_keys":["u:hunter2"]}}"#)).unwrap_err();
        assert_eq!(error.to_string(), "the service did not write or delete 1 of the keys");
    }

    proptest! {
        #[test]
        fn no_body_panics(text in r#"\{"success":(true|false|1),"result":(\[(\{"name":"[a-z:]{0,4}"\},?){0,3}\]|\{"values":\{("[a-z]":("x"|null|1),?){0,3}\}\}|null)\}?"#) {
            let _ = (read_page(&text), values(&response(&text)), done(&response(&text)));
        }
    }
}

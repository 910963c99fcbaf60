use lucia_sql::driver::DriverError;

use crate::failure::classify;

/// The message of D1 for a failure: the source of an [`AdapterError`](lucia_core::AdapterError).
///
/// It names tables and columns, and contains no value of a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct D1Error(String);

impl D1Error {
    fn of(error: worker::Error) -> Self {
        Self(match error {
            worker::Error::D1(error) => String::from(AsRef::<worker::js_sys::Error>::as_ref(&error).message()),
            worker::Error::UnknownJsError { message, .. } | worker::Error::JsError(message) => message,
            worker::Error::Internal(_) => "D1 threw a value that is not an error".to_owned(),
            error => error.to_string(),
        })
    }
}

/// Classifies an error by its message.
pub(crate) fn driver_error(error: worker::Error) -> DriverError {
    let error = D1Error::of(error);
    let (failure, retry) = classify(&error.0);
    DriverError::new(failure, error).with_retry(retry)
}

//! The database that the caller of the suite names.

use std::env;

use adapter_tests::BoxError;
use tokio::runtime;

/// Tries out the database at the URL in a variable, if that is set. Without this, each case would fail with the same
/// error.
pub(crate) fn try_out(variable: &str, try_out: impl AsyncFnOnce(&str) -> Result<(), BoxError>) -> Result<(), BoxError> {
    let Some(url) = env::var(variable).ok().filter(|url| !url.is_empty()) else { return Ok(()) };
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(try_out(&url)).map_err(|error| format!("{variable}: {error}").into())
}

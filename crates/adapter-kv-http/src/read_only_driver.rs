/// The error of writing to an unstorage server that responds with OK and stores nothing, because its driver is read-only:
/// `github`, `null`, or `fs` with the option `readOnly`.
///
/// ```
/// use adapter_kv_http::ReadOnlyDriver;
/// use lucia_core::AdapterError;
///
/// fn needs_another_driver(error: &AdapterError) -> bool {
///     error.downcast_ref::<ReadOnlyDriver>().is_some()
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "read-only driver: the unstorage server responded with OK and stored nothing; use one that stores what it is sent, \
     not `github` or `null`, and no option `readOnly`"
)]
pub struct ReadOnlyDriver;

use lucia_core::AdapterResult;

/// Adds the name of a method to its error.
pub(super) fn named<T>(operation: &'static str, result: AdapterResult<T>) -> AdapterResult<T> {
    result.map_err(|error| error.with_operation(operation))
}

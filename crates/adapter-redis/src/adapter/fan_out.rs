use futures_util::{StreamExt, stream};

use crate::error::Error;

/// The maximum number of operations that run concurrently.
const MAX_CONCURRENCY: usize = 64;
/// The number of failures in a row that means a complete outage. If only one server fails, requests to the others
/// succeed in between.
const MAX_FAILURES: usize = 2 * MAX_CONCURRENCY;

/// Runs operations concurrently, and returns their outputs and the first error. The failure of one server does not stop
/// the operations on the others.
pub(super) async fn fan_out<T>(operations: Vec<impl Future<Output = Result<T, Error>>>) -> (Vec<T>, Option<Error>) {
    let (mut outputs, mut first, mut failures) = (Vec::with_capacity(operations.len()), None, 0);
    let mut running = stream::iter(operations).buffer_unordered(MAX_CONCURRENCY);
    while let Some(outcome) = running.next().await {
        match outcome {
            Ok(output) => {
                failures = 0;
                outputs.push(output);
            }
            Err(error) => {
                failures += 1;
                first.get_or_insert(error);
            }
        }
        if failures == MAX_FAILURES {
            break;
        }
    }
    (outputs, first)
}

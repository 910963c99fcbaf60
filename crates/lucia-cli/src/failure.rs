use std::{error::Error, iter};

/// The reason why a command could not run to its end.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// Returns an error with its causes. No error of the adapters contains a token, a hash or a URL.
pub(crate) fn text_of(error: &(dyn Error + 'static)) -> String {
    let causes = iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

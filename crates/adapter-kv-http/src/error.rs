use lucia_core::{AdapterError, AdapterErrorKind as Kind};
use lucia_http::HttpError;

#[cfg(feature = "unstorage")]
use crate::read_only_driver::ReadOnlyDriver;

/// The error of an operation on a store.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The service wrote or deleted only some of the keys of one request.
    #[cfg(feature = "cloudflare")]
    #[error("the service did not write or delete {keys} of the keys")]
    Partial { keys: usize },
    #[cfg(feature = "unstorage")]
    #[error("an empty value cannot be stored: the service would drop it")]
    EmptyValue,
    #[cfg(feature = "unstorage")]
    #[error(transparent)]
    ReadOnly(#[from] ReadOnlyDriver),
    #[error("unsupported key: it {reason}")]
    UnsupportedKey { reason: &'static str },
}

impl From<Error> for AdapterError {
    fn from(error: Error) -> Self {
        let kind = match error {
            Error::Http(error) => return error.into(),
            #[cfg(feature = "cloudflare")]
            Error::Partial { .. } => Kind::Unavailable,
            #[cfg(feature = "unstorage")]
            Error::EmptyValue => Kind::Backend,
            #[cfg(feature = "unstorage")]
            Error::ReadOnly(error) => return Self::new(Kind::Backend).with_source(error),
            Error::UnsupportedKey { .. } => Kind::UnsupportedId,
        };
        Self::new(kind).with_source(error)
    }
}

use lucia_core::{AdapterError, AdapterErrorKind as Kind};

/// The error of a request to Workers KV; the source of an [`AdapterError`].
///
/// Contains neither keys nor values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CloudflareKvError {
    /// A key is longer than 512 bytes.
    #[error("key too long: {bytes} bytes, but Workers KV accepts at most 512")]
    #[non_exhaustive]
    KeyTooLong {
        /// The length of the key.
        bytes: usize,
    },
    /// A value is longer than 25 MiB.
    #[error("value too long: {bytes} bytes, but Workers KV accepts at most 25 MiB")]
    #[non_exhaustive]
    ValueTooLong {
        /// The length of the value.
        bytes: usize,
    },
    /// A page of a listing is not the last one but has no cursor.
    #[error("Workers KV returned a partial list of keys without a cursor")]
    NoCursor,
    /// The request failed.
    #[error("{message}")]
    #[non_exhaustive]
    Failed {
        /// The status code, if Workers KV returned one.
        status: Option<u16>,
        /// The message of Workers KV, without keys.
        message: String,
    },
}

impl CloudflareKvError {
    /// Creates the error of a thrown message, from which the keys of the request are removed.
    pub(crate) fn thrown(message: &str, keys: &[&str]) -> Self {
        let keys = keys.iter().filter(|key| !key.is_empty());
        let message = keys.fold(message.to_owned(), |message, key| message.replace(key, ".."));
        Self::Failed { status: status(&message), message }
    }

    pub(crate) const fn is_too_large(&self) -> bool {
        matches!(self, Self::Failed { status: Some(413), .. })
    }
}

impl From<CloudflareKvError> for AdapterError {
    fn from(error: CloudflareKvError) -> Self {
        let kind = match &error {
            CloudflareKvError::KeyTooLong { .. } => Kind::UnsupportedId,
            CloudflareKvError::ValueTooLong { .. } => Kind::InvalidAttribute,
            CloudflareKvError::Failed { status: Some(429 | 500..), .. } => Kind::Unavailable,
            CloudflareKvError::Failed { status: None, message }
                if TRANSIENT.iter().any(|words| message.contains(words)) =>
            {
                Kind::Unavailable
            }
            CloudflareKvError::NoCursor | CloudflareKvError::Failed { .. } => Kind::Backend,
        };
        Self::new(kind).with_source(error)
    }
}

/// Messages of the Workers runtime if the request did not reach KV.
const TRANSIENT: &[&str] = &["Network connection lost", "internal error"];

/// Returns the status code in the message that a binding throws, such as `KV PUT failed: 429 Too Many Requests`.
fn status(message: &str) -> Option<u16> {
    let (_, after) = message.split_once(" failed: ")?;
    let digits = after.split(|c: char| !c.is_ascii_digit()).next()?;
    if digits.len() == 3 { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(message: &str) -> Kind {
        AdapterError::from(CloudflareKvError::thrown(message, &["session:s1"])).kind()
    }

    #[test]
    fn outages_are_distinguished_from_rejections() {
        assert_eq!(kind("KV PUT failed: 429 Too Many Requests"), Kind::Unavailable);
        assert_eq!(kind("KV GET failed: 503 Service Unavailable"), Kind::Unavailable);
        assert_eq!(kind("Network connection lost."), Kind::Unavailable);
        assert_eq!(kind("internal error; reference = 0123456789abcdef"), Kind::Unavailable);
        assert_eq!(kind("KV PUT failed: 400 Invalid expiration"), Kind::Backend);
        assert_eq!(kind("KV PUT failed: 42900"), Kind::Backend);
        assert_eq!(kind("something else"), Kind::Backend);
    }

    #[test]
    fn errors_contain_no_keys() {
        let error =
            CloudflareKvError::thrown("KV GET failed: 414 session:s1, session:s2", &["session:s1", "session:s2"]);
        assert!(!format!("{error} {error:?}").contains("session"), "{error:?}");
        let error = AdapterError::from(CloudflareKvError::KeyTooLong { bytes: 513 });
        assert_eq!(error.kind(), Kind::UnsupportedId);
    }
}

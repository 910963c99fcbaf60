use std::time::Duration;

/// The settings of an [`ObjectKvStore`](crate::ObjectKvStore).
///
/// ```
/// use std::time::Duration;
/// use adapter_object_store::ObjectKvConfig;
///
/// let config = ObjectKvConfig::new().timeout(Duration::from_secs(5)).max_segment_length(1_000);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ObjectKvConfig {
    pub(crate) attempt_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) max_attempts: usize,
    pub(crate) max_concurrency: usize,
    pub(crate) max_segment_length: usize,
}

impl ObjectKvConfig {
    /// Creates the default settings.
    pub const fn new() -> Self {
        Self {
            attempt_timeout: Duration::from_secs(4),
            timeout: Duration::from_secs(10),
            max_attempts: 3,
            max_concurrency: 64,
            max_segment_length: 255,
        }
    }

    /// Sets the timeout of one attempt, including reading the whole response. Defaults to 4 s.
    ///
    /// In a listing of [`Bucket::from_store`](crate::Bucket::from_store), it is that of each page.
    ///
    /// The timeouts of the client, such as that of connecting, are set with the builder of `object_store`.
    pub const fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Sets the timeout of a request, including all attempts and the pauses between them. Defaults to 10 s. A listing of
    /// [`Bucket::from_store`](crate::Bucket::from_store) takes as long as it has pages.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the maximum number of attempts of a request. Defaults to 3.
    ///
    /// Reads, listings and deletions are retried after transient failures, with pauses that double from 100 ms, with
    /// jitter. A write is retried only if the service cannot have executed it.
    pub const fn max_attempts(mut self, attempts: usize) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets the maximum number of concurrent requests of one operation, at least one. Defaults to 64.
    pub const fn max_concurrency(mut self, requests: usize) -> Self {
        self.max_concurrency = requests;
        self
    }

    /// Sets the length of the longest segment in the name of a new object, in bytes. Defaults to 255, which is the limit
    /// of services that keep objects in a file system, such as `SeaweedFS` and `MinIO`. Objects that exist are read,
    /// replaced and deleted whatever their names, so a lower limit hides no session.
    ///
    /// A segment is an escaped id: each byte except letters, digits, `-` and `_` counts as three. Longer ids are
    /// [`UnsupportedId`](lucia_core::AdapterErrorKind::UnsupportedId), as are names of more than 1,024 bytes.
    pub const fn max_segment_length(mut self, bytes: usize) -> Self {
        self.max_segment_length = bytes;
        self
    }
}

impl Default for ObjectKvConfig {
    fn default() -> Self {
        Self::new()
    }
}

use lucia_core::AdapterError;

/// The error of creating a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// A setting of the builder is missing or invalid.
    #[error("invalid {setting}: {reason}")]
    #[non_exhaustive]
    Builder {
        /// The setting, such as `endpoint`; `builder` if only the reason tells.
        setting: &'static str,
        /// The reason.
        reason: &'static str,
    },
    /// A request failed by which the bucket is checked.
    #[error("the bucket could not be checked: {request} failed")]
    #[non_exhaustive]
    Unavailable {
        /// The request, such as `listing its objects`.
        request: &'static str,
        /// The failure.
        source: AdapterError,
    },
    /// The store does not do what sessions need: it has no conditional writes, or ignores the condition.
    #[error("unsuitable store: {reason}")]
    #[non_exhaustive]
    Unsuitable {
        /// What the store does instead.
        reason: &'static str,
    },
}

/// Messages of builders. Others may contain a URL or a credential.
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
const REASONS: &[&str] = &[
    "Missing bucket name",
    "Missing AccessKeyId",
    "Missing SecretAccessKey",
    "Account must be specified",
    "Container name must be specified",
    "Failed parsing an SAS key",
    "Missing component in SAS query pair",
    "One of service account path or service account key may be provided",
];

#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
impl SetupError {
    pub(crate) fn of_builder(error: &object_store::Error) -> Self {
        let text = error.to_string();
        let known = REASONS.iter().find(|reason| text.contains(**reason));
        Self::Builder { setting: "builder", reason: known.unwrap_or(&"its `build` method says why") }
    }
}

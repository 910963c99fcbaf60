use std::{fmt, sync::Arc};

use object_store::{ObjectStore, list::PaginatedListStore};

#[cfg(any(feature = "aws", feature = "azure"))]
use crate::credentials;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
use crate::{
    setting::{Http, check_header, check_name, endpoint, is_true},
    setup_error::SetupError,
};

/// A bucket or container, with the client that accesses it.
///
/// ```
/// # #[cfg(feature = "aws")] {
/// use adapter_object_store::{Bucket, object_store::aws::AmazonS3Builder};
///
/// let builder = AmazonS3Builder::new().with_bucket_name("sessions").with_region("eu-central-1");
/// let bucket = Bucket::s3(builder)?;
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Bucket {
    service: &'static str,
    pub(crate) store: Arc<dyn ObjectStore>,
    /// Lists in pages. `None` if only the whole listing is available.
    pub(crate) pages: Option<Arc<dyn PaginatedListStore>>,
    /// How many objects the client deletes in one request, or concurrently.
    pub(crate) deletes_at_once: usize,
}

/// Less than the idle timeouts of servers: a write on a connection that the server is closing fails, and is not
/// retried.
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
const IDLE_TIMEOUT: &str = "4s";

#[cfg(any(feature = "aws", feature = "azure"))]
const HTTP_REFUSED: &str = "`http://` must be allowed with `with_allow_http(true)`";

/// A write that the client retries may arrive after a revocation, which it would undo.
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
fn no_retries() -> object_store::RetryConfig {
    object_store::RetryConfig { max_retries: 0, ..object_store::RetryConfig::default() }
}

impl Bucket {
    /// Creates a bucket in S3 or a service with the same protocol.
    ///
    /// As in the client, `AWS_ENDPOINT_URL_S3` takes precedence over [`with_endpoint`] and `AWS_ENDPOINT_URL`.
    ///
    /// [`with_endpoint`]: object_store::aws::AmazonS3Builder::with_endpoint
    ///
    /// The retries of the client are switched off, also those of requests for credentials. Idle connections are closed
    /// after 4 s unless the builder has another limit.
    ///
    /// # Errors
    /// Returns [`SetupError::Builder`] if a setting is missing or invalid.
    #[cfg(feature = "aws")]
    #[cfg_attr(docsrs, doc(cfg(feature = "aws")))]
    pub fn s3(builder: object_store::aws::AmazonS3Builder) -> Result<Self, SetupError> {
        use object_store::{ClientConfigKey, aws::AmazonS3ConfigKey as Key};

        let setting = |key| builder.get_config_value(&key);
        check_name("bucket name", setting(Key::Bucket).as_deref())?;
        check_name("region", setting(Key::Region).as_deref())?;
        check_header("access key id", setting(Key::AccessKeyId).as_deref())?;
        check_header("session token", setting(Key::Token).as_deref())?;
        let allows_http = is_true("allow_http", setting(Key::Client(ClientConfigKey::AllowHttp)))?;
        let http = Http::allowed_if(allows_http, HTTP_REFUSED);
        if !is_true("skip_signature", setting(Key::SkipSignature))? {
            credentials::check_s3(setting)?;
        }
        let key = if setting(Key::S3Endpoint).is_some() { Key::S3Endpoint } else { Key::Endpoint };
        let checked = endpoint("endpoint", setting(key), http)?;
        let idle_timeout = Key::Client(ClientConfigKey::PoolIdleTimeout);
        let has_timeout = setting(idle_timeout).is_some();
        let builder = if has_timeout { builder } else { builder.with_config(idle_timeout, IDLE_TIMEOUT) };
        let builder = if let Some(url) = checked { builder.with_config(key, url) } else { builder };
        let built = builder.with_retry(no_retries()).build().map_err(|error| SetupError::of_builder(&error))?;
        Ok(Self::paged("S3", Arc::new(built), 1_000))
    }

    /// Creates a bucket in a container of Azure Blob Storage.
    ///
    /// The retries of the client are switched off, also those of requests for credentials. Idle connections are closed
    /// after 4 s unless the builder has another limit.
    ///
    /// # Errors
    /// Returns [`SetupError::Builder`] if a setting is missing or invalid.
    #[cfg(feature = "azure")]
    #[cfg_attr(docsrs, doc(cfg(feature = "azure")))]
    pub fn azure(builder: object_store::azure::MicrosoftAzureBuilder) -> Result<Self, SetupError> {
        use object_store::{ClientConfigKey, azure::AzureConfigKey as Key};
        let setting = |key| builder.get_config_value(&key);
        check_name("container name", setting(Key::ContainerName).as_deref())?;
        check_name("account name", setting(Key::AccountName).as_deref())?;
        check_header("access key", setting(Key::AccessKey).as_deref())?;
        check_header("token", setting(Key::Token).as_deref())?;
        let allows_http = is_true("allow_http", setting(Key::Client(ClientConfigKey::AllowHttp)))?;
        let http = Http::allowed_if(allows_http, HTTP_REFUSED);
        let checked = if is_true("use_emulator", setting(Key::UseEmulator))? {
            // The client ignores the endpoint then, and allows HTTP.
            endpoint("AZURITE_BLOB_STORAGE_URL", std::env::var("AZURITE_BLOB_STORAGE_URL").ok(), Http::Allowed)?;
            None
        } else {
            if !is_true("skip_signature", setting(Key::SkipSignature))? {
                credentials::check_azure(setting, http)?;
            }
            endpoint("endpoint", setting(Key::Endpoint), http)?
        };
        let idle_timeout = Key::Client(ClientConfigKey::PoolIdleTimeout);
        let has_timeout = setting(idle_timeout).is_some();
        let builder = if has_timeout { builder } else { builder.with_config(idle_timeout, IDLE_TIMEOUT) };
        let builder = if let Some(url) = checked { builder.with_config(Key::Endpoint, url) } else { builder };
        let built = builder.with_retry(no_retries()).build().map_err(|error| SetupError::of_builder(&error))?;
        Ok(Self::paged("Azure", Arc::new(built), 256))
    }

    /// Creates a bucket in Google Cloud Storage.
    ///
    /// The retries of the client are switched off, also those of requests for credentials. Idle connections are closed
    /// after 4 s unless the builder has another limit.
    ///
    /// # Errors
    /// Returns [`SetupError::Builder`] if a setting is missing or invalid.
    #[cfg(feature = "gcp")]
    #[cfg_attr(docsrs, doc(cfg(feature = "gcp")))]
    pub fn gcs(builder: object_store::gcp::GoogleCloudStorageBuilder) -> Result<Self, SetupError> {
        use object_store::{ClientConfigKey, gcp::GoogleConfigKey as Key};
        let setting = |key| builder.get_config_value(&key);
        check_name("bucket name", setting(Key::Bucket).as_deref())?;
        check_header("bearer token", setting(Key::BearerToken).as_deref())?;
        let allows_http = is_true("allow_http", setting(Key::Client(ClientConfigKey::AllowHttp)))?;
        let http = Http::allowed_if(
            allows_http,
            "`http://` must be allowed with `with_client_options(ClientOptions::new().with_allow_http(true))`",
        );
        let of_account = || base_url(setting(Key::ServiceAccount), setting(Key::ServiceAccountKey));
        let checked = endpoint("endpoint", setting(Key::BaseUrl).or_else(of_account), http)?;
        let idle_timeout = Key::Client(ClientConfigKey::PoolIdleTimeout);
        let has_timeout = setting(idle_timeout).is_some();
        let builder = if has_timeout { builder } else { builder.with_config(idle_timeout, IDLE_TIMEOUT) };
        let builder = if let Some(url) = checked { builder.with_config(Key::BaseUrl, url) } else { builder };
        let built = builder.with_retry(no_retries()).build().map_err(|error| SetupError::of_builder(&error))?;
        Ok(Self::paged("GCS", Arc::new(built), 50))
    }

    /// Creates a bucket from a store, such as [`InMemory`](object_store::memory::InMemory) for tests, or a wrapper of
    /// your own.
    ///
    /// Whether it retries writes cannot be seen or changed from outside: a client in it must be built with
    /// `RetryConfig { max_retries: 0, .. }`, because a write that is retried after a timeout may undo a revocation.
    /// A listing reads all names; its timeout applies to each page.
    #[must_use]
    pub fn from_store(store: Arc<dyn ObjectStore>) -> Self {
        Self { service: "custom", store, pages: None, deletes_at_once: 50 }
    }

    #[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
    fn paged<S: ObjectStore + PaginatedListStore>(
        service: &'static str,
        store: Arc<S>,
        deletes_at_once: usize,
    ) -> Self {
        Self { service, store: Arc::clone(&store) as Arc<dyn ObjectStore>, pages: Some(store), deletes_at_once }
    }
}

/// Reads the URL of the service from a service account, where the client takes it from. The client itself reports an
/// account that cannot be read.
#[cfg(feature = "gcp")]
fn base_url(path: Option<String>, json: Option<String>) -> Option<String> {
    let json = json.or_else(|| std::fs::read_to_string(path?).ok())?;
    let account: serde_json::Value = serde_json::from_str(&json).ok()?;
    account["gcs_base_url"].as_str().map(ToOwned::to_owned)
}

impl fmt::Debug for Bucket {
    /// Shows the service. Omits the client, which has the credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("service", &self.service).finish_non_exhaustive()
    }
}

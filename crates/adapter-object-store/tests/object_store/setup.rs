//! Which stores are refused.

use std::{error::Error as _, sync::Arc, time::Duration};

#[cfg(feature = "gcp")]
use adapter_object_store::object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use adapter_object_store::{
    Bucket, ObjectKvStore, ObjectStoreError, SetupError,
    object_store::{
        ClientConfigKey,
        aws::{
            AmazonS3Builder,
            AmazonS3ConfigKey::{self, S3Endpoint},
        },
        azure::{AzureConfigKey, MicrosoftAzureBuilder},
        local::LocalFileSystem,
        memory::InMemory,
        throttle::{ThrottleConfig, ThrottledStore},
    },
};
use lucia_core::{UnixMillis, kv::KvStore as _};

use crate::support::{
    Service, azure,
    proxy::{CONDITIONS, Proxy},
    s3,
};

#[tokio::test]
async fn a_store_in_memory_is_suitable() {
    let store = ObjectKvStore::new(Bucket::from_store(Arc::new(InMemory::new()))).await.unwrap();
    assert!(store.list("", None).await.unwrap().keys.is_empty(), "the check leaves nothing");
    for key in ["u:a1", "u:a2", "u:b1", "ua:1"] {
        store.put(key, b"1", UnixMillis::MAX).await.unwrap();
    }
    assert_eq!(store.list("u:a", None).await.unwrap().keys, ["u:a1", "u:a2"]);
}

/// They can be created, but not replaced, under a condition.
#[tokio::test]
async fn local_files_are_unsuitable() {
    let folder = tempfile::tempdir().unwrap();
    let files = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    let error = ObjectKvStore::new(Bucket::from_store(Arc::new(files))).await.unwrap_err();
    assert!(
        matches!(error, SetupError::Unsuitable { reason: "it does not implement conditional writes", .. }),
        "{error}"
    );
    let left = std::fs::read_dir(folder.path()).unwrap().flatten();
    assert!(left.flat_map(|folder| std::fs::read_dir(folder.path()).unwrap()).next().is_none());
}

/// As older releases of some services do. The proxy removes the conditions, so the requests are not signed.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_ignores_conditions_is_unsuitable() {
    let server = Service::SeaweedFs.start();
    let ignored: [(&[_], _); 2] =
        [(CONDITIONS, "an object was created although it exists"), (&["if-match"], "a changed object was replaced")];
    for (ignored, expected) in ignored {
        let proxy = Proxy::start_without(server.port(), ignored).await;
        let bucket = Bucket::s3(s3(proxy.port).with_skip_signature(true)).unwrap();
        let error = ObjectKvStore::new(bucket).await.unwrap_err();
        assert!(matches!(error, SetupError::Unsuitable { reason, .. } if reason == expected), "{error}");
    }
    let direct = ObjectKvStore::new(Service::SeaweedFs.bucket(server.port())).await.unwrap();
    assert!(direct.list("", None).await.unwrap().keys.is_empty(), "the check leaves nothing");
}

/// As `SeaweedFS` did before version 4.17. The conditions that are tried one after another have their effect.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_compares_and_writes_in_two_steps_is_unsuitable() {
    let server = Service::SeaweedFs.start();
    let proxy = Proxy::start_without_atomicity(server.port(), 4, 4).await;
    let bucket = Bucket::s3(s3(proxy.port).with_skip_signature(true)).unwrap();
    let error = ObjectKvStore::new(bucket).await.unwrap_err();
    assert_eq!(error.to_string(), "unsuitable store: several parallel writes with one condition were executed");
    let direct = ObjectKvStore::new(Service::SeaweedFs.bucket(server.port())).await.unwrap();
    assert!(direct.list("", None).await.unwrap().keys.is_empty(), "the check leaves nothing");
}

/// Each page may take almost as long as an attempt.
#[tokio::test(start_paused = true)]
async fn a_long_listing_takes_its_time() {
    let throttled = ThrottledStore::new(InMemory::new(), ThrottleConfig::default());
    let throttled = Arc::new(throttled);
    let store = ObjectKvStore::new(Bucket::from_store(throttled.clone())).await.unwrap();
    for number in 0..20 {
        store.put(&format!("u:a{number}"), b"1", UnixMillis::MAX).await.unwrap();
    }
    throttled.config_mut(|config| config.wait_list_per_entry = Duration::from_secs(3));
    assert_eq!(store.list("u:", None).await.unwrap().keys.len(), 20);
    throttled.config_mut(|config| config.wait_list_per_entry = Duration::from_secs(5));
    let error = store.list("u:", None).await.unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&ObjectStoreError::TimedOut));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_bucket_is_an_error() {
    let (seaweedfs, azurite) = (Service::SeaweedFs.start(), Service::Azurite.start());
    let buckets = [
        (Bucket::s3(s3(seaweedfs.port()).with_bucket_name("nothing")), "NoSuchBucket"),
        (Bucket::azure(azure(azurite.port()).with_container_name("nothing")), "ContainerNotFound"),
    ];
    for (bucket, expected) in buckets {
        let error = ObjectKvStore::new(bucket.unwrap()).await.unwrap_err();
        let cause = error.source().unwrap().source().unwrap().downcast_ref::<ObjectStoreError>();
        assert!(
            matches!(cause, Some(ObjectStoreError::Status { status: 404, code: Some(code), .. }) if code == expected)
        );
    }
}

/// The client panics at a request with the first ones.
#[test]
fn an_unusable_setting_is_an_error() {
    let visible = "it has a space, a line break or a character that is not ASCII";
    let url = "it is not a URL that begins with `https://` or `http://`";
    let http = "`http://` must be allowed with `with_allow_http(true)`";
    let parts = "it has a query, a fragment or a user name";
    let switch = "it must be `true` or `false`";
    let allow_http = AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp);
    let name = "it has a character that is not a letter, a digit, `-`, `.`, `_` or `$`";
    for (bucket, expected) in [
        (Bucket::s3(s3(1).with_endpoint("127.0.0.1:9000")), format!("invalid endpoint: {url}")),
        (Bucket::s3(s3(1).with_endpoint("localhost:9000")), format!("invalid endpoint: {url}")),
        (Bucket::s3(s3(1).with_endpoint("nonsense")), format!("invalid endpoint: {url}")),
        (Bucket::s3(s3(1).with_allow_http(false)), format!("invalid endpoint: {http}")),
        (Bucket::s3(s3(1).with_config(S3Endpoint, "nonsense")), format!("invalid endpoint: {url}")),
        (Bucket::s3(s3(1).with_endpoint("http://127.0.0.1/?x")), format!("invalid endpoint: {parts}")),
        (Bucket::s3(without_keys().with_metadata_endpoint("nonsense")), format!("invalid metadata endpoint: {url}")),
        (Bucket::s3(with_web_identity("nonsense")), format!("invalid STS endpoint: {url}")),
        (
            Bucket::s3(with_web_identity("http://127.0.0.1:1")),
            "invalid STS endpoint: it begins with `http://`, and the client uses `https://` only".to_owned(),
        ),
        (Bucket::s3(s3(1).with_config(allow_http, "maybe")), format!("invalid allow_http: {switch}")),
        (Bucket::s3(s3(1).with_bucket_name("sessions ")), format!("invalid bucket name: {name}")),
        (Bucket::s3(s3(1).with_bucket_name("")), "invalid bucket name: it is empty".to_owned()),
        (Bucket::s3(s3(1).with_region("eu central")), format!("invalid region: {name}")),
        (Bucket::s3(s3(1).with_access_key_id("secret\n")), format!("invalid access key id: {visible}")),
        (Bucket::s3(s3(1).with_token("secret\n")), format!("invalid session token: {visible}")),
        (Bucket::azure(azure(1).with_endpoint("nonsense".to_owned())), format!("invalid endpoint: {url}")),
        (Bucket::azure(azure(1).with_account("lucia\n")), format!("invalid account name: {name}")),
        (Bucket::azure(azure(1).with_container_name("")), "invalid container name: it is empty".to_owned()),
        (Bucket::azure(azure(1).with_access_key("c2VjcmV0\n")), format!("invalid access key: {visible}")),
    ] {
        assert_eq!(bucket.unwrap_err().to_string(), expected);
    }
}

fn without_keys() -> AmazonS3Builder {
    AmazonS3Builder::new().with_bucket_name("sessions").with_endpoint("http://127.0.0.1:1").with_allow_http(true)
}

fn with_web_identity(sts: &str) -> AmazonS3Builder {
    let builder = without_keys().with_config(AmazonS3ConfigKey::WebIdentityTokenFile, "token");
    builder.with_config(AmazonS3ConfigKey::RoleArn, "role").with_config(AmazonS3ConfigKey::StsEndpoint, sts)
}

/// The environment may have settings for other credentials than those of the bucket.
#[test]
fn an_endpoint_that_is_not_used_is_not_checked() {
    for value in ["nonsense", "", "http://127.0.0.1:4566"] {
        for key in [
            AmazonS3ConfigKey::StsEndpoint,
            AmazonS3ConfigKey::MetadataEndpoint,
            AmazonS3ConfigKey::ContainerCredentialsFullUri,
        ] {
            Bucket::s3(s3(1).with_config(key, value)).unwrap();
        }
        for key in [AmazonS3ConfigKey::StsEndpoint, AmazonS3ConfigKey::ContainerCredentialsFullUri] {
            Bucket::s3(without_keys().with_config(key, value)).unwrap();
        }
        let container = without_keys().with_config(AmazonS3ConfigKey::ContainerCredentialsRelativeUri, "/v2/secret");
        Bucket::s3(container.with_metadata_endpoint(value)).unwrap();
        Bucket::s3(without_keys().with_metadata_endpoint(value).with_skip_signature(true)).unwrap();
        for key in [AzureConfigKey::MsiEndpoint, AzureConfigKey::AuthorityHost, AzureConfigKey::FabricTokenServiceUrl] {
            Bucket::azure(azure(1).with_config(key, value)).unwrap();
        }
        let shared = of_azure(&[(AzureConfigKey::SasKey, "sig=secret"), (AzureConfigKey::MsiEndpoint, value)]);
        Bucket::azure(shared).unwrap();
    }
}

fn of_azure(settings: &[(AzureConfigKey, &str)]) -> MicrosoftAzureBuilder {
    let builder = MicrosoftAzureBuilder::new().with_account("lucia").with_container_name("sessions");
    settings.iter().fold(builder, |builder, (key, value)| builder.with_config(*key, *value))
}

/// The client panics at a request with each of them. Several credentials may be set.
#[test]
fn the_endpoint_from_which_credentials_are_requested_is_checked() {
    use AzureConfigKey::{
        AccessKey, AuthorityHost, AuthorityId, ClientId, ClientSecret, CredentialType, FabricClusterIdentifier,
        FabricSessionToken, FabricTokenServiceUrl, FabricWorkloadHost, FederatedTokenFile, MsiEndpoint, SasKey, Token,
    };
    let secret = [(ClientId, "id"), (AuthorityId, "tenant"), (ClientSecret, "secret")];
    let workload = [(ClientId, "id"), (AuthorityId, "tenant"), (FederatedTokenFile, "token")];
    let fabric = [(FabricWorkloadHost, "host"), (FabricSessionToken, "secret"), (FabricClusterIdentifier, "cluster")];
    let key = (AccessKey, "c2VjcmV0");
    for (settings, endpoint, name) in [
        (vec![], MsiEndpoint, "MSI endpoint"),
        (vec![key, (CredentialType, "managed_identity")], MsiEndpoint, "MSI endpoint"),
        (secret.to_vec(), AuthorityHost, "authority host"),
        ([&secret[..], &[(SasKey, "sig=secret")]].concat(), AuthorityHost, "authority host"),
        ([&secret[..], &[key, (CredentialType, "client_secret")]].concat(), AuthorityHost, "authority host"),
        (workload.to_vec(), AuthorityHost, "authority host"),
        ([&fabric[..], &[key, (Token, "secret")]].concat(), FabricTokenServiceUrl, "Fabric token service URL"),
    ] {
        let settings = [&settings[..], &[(endpoint, "nonsense")]].concat();
        let error = Bucket::azure(of_azure(&settings)).unwrap_err().to_string();
        assert!(error.starts_with(&format!("invalid {name}: it is not a URL")), "{settings:?}: {error}");
    }
    let of_fabric = |name: AzureConfigKey, value: &'static str| {
        let url = [(FabricTokenServiceUrl, "https://127.0.0.1:1")];
        of_azure(&[&fabric[..], &url, &[(name, value)]].concat())
    };
    for (name, _) in fabric {
        let error = Bucket::azure(of_fabric(name, "a\nb")).unwrap_err().to_string();
        assert!(error.starts_with("invalid Fabric ") && error.contains("a line break"), "{error}");
    }
    Bucket::azure(of_fabric(FabricWorkloadHost, "host")).unwrap();
    for (settings, name) in [
        (
            vec![(AmazonS3ConfigKey::ContainerCredentialsRelativeUri, " /secret")],
            "container credentials path: it is not a path that begins with `/`",
        ),
        (
            vec![
                (AmazonS3ConfigKey::ContainerCredentialsFullUri, "nonsense"),
                (AmazonS3ConfigKey::ContainerAuthorizationTokenFile, "token"),
            ],
            "container credentials URI: it is not a URL",
        ),
    ] {
        let builder = settings.iter().fold(without_keys(), |builder, (key, value)| builder.with_config(*key, *value));
        let error = Bucket::s3(builder).unwrap_err().to_string();
        assert!(error.starts_with(&format!("invalid {name}")), "{error}");
    }
    // Credentials are requested from these as they are.
    let path = without_keys().with_config(AmazonS3ConfigKey::ContainerCredentialsRelativeUri, "/get-credentials?a=1");
    Bucket::s3(path).unwrap();
    let url = "http://localhost/get-credentials?a=1";
    let url = without_keys().with_config(AmazonS3ConfigKey::ContainerCredentialsFullUri, url);
    Bucket::s3(url.with_config(AmazonS3ConfigKey::ContainerAuthorizationTokenFile, "token")).unwrap();
}

/// The client panics at a request with the first one.
#[test]
#[cfg(feature = "gcp")]
fn the_endpoint_of_a_service_account_is_checked() {
    let bucket = |url: &str| {
        let account = serde_json::json!({
            "private_key": "", "private_key_id": "", "client_email": "", "disable_oauth": true, "gcs_base_url": url,
        });
        let builder = GoogleCloudStorageBuilder::new().with_bucket_name("sessions");
        let builder = builder.with_config(GoogleConfigKey::Client(ClientConfigKey::AllowHttp), "false");
        Bucket::gcs(builder.with_service_account_key(account.to_string())).map_err(|error| error.to_string())
    };
    let url = "invalid endpoint: it is not a URL that begins with `https://` or `http://`";
    let http = "invalid endpoint: `http://` must be allowed with \
        `with_client_options(ClientOptions::new().with_allow_http(true))`";
    for (value, expected) in [("", url), ("nonsense", url), ("http://127.0.0.1:1", http)] {
        assert_eq!(bucket(value).err().as_deref(), Some(expected), "{value}");
    }
    bucket("https://127.0.0.1:1/").unwrap();
}

/// Each is what an environment variable may contain.
#[tokio::test(flavor = "multi_thread")]
async fn settings_are_read_as_the_client_reads_them() {
    let (seaweedfs, azurite) = (Service::SeaweedFs.start(), Service::Azurite.start());
    let (s3_url, azure_port) = (format!("http://127.0.0.1:{}", seaweedfs.port()), azurite.port());
    let allow_http = AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp);
    let precedence = s3(1).with_endpoint("nonsense").with_config(S3Endpoint, &s3_url);
    let in_host = s3(1).with_virtual_hosted_style_request(true).with_endpoint(format!("{s3_url}/lucia/"));
    for bucket in [
        Bucket::s3(precedence),
        Bucket::s3(in_host),
        Bucket::s3(s3(seaweedfs.port()).with_config(allow_http, "1")),
        Bucket::s3(s3(1).with_endpoint(format!("{s3_url}/"))),
        Bucket::azure(azure(1).with_endpoint(format!("http://127.0.0.1:{azure_port}/lucia/"))),
    ] {
        let store = ObjectKvStore::new(bucket.unwrap()).await.unwrap();
        store.put("session:s1", b"1", UnixMillis::MAX).await.unwrap();
        assert_eq!(store.get("session:s1").await.unwrap().as_deref(), Some(&b"1"[..]));
    }
    let direct = ObjectKvStore::new(Service::SeaweedFs.bucket(seaweedfs.port())).await.unwrap();
    assert_eq!(direct.list("", None).await.unwrap().keys, ["session:s1"], "all wrote the same object");
}

#[test]
fn an_incomplete_builder_is_an_error() {
    use adapter_object_store::object_store::{aws::AmazonS3Builder, azure::MicrosoftAzureBuilder};
    let reason = |error: SetupError| error.to_string();
    assert_eq!(reason(Bucket::s3(AmazonS3Builder::new()).unwrap_err()), "invalid builder: Missing bucket name");
    let azure = MicrosoftAzureBuilder::new().with_account("lucia");
    let expected = "invalid builder: Container name must be specified";
    assert_eq!(reason(Bucket::azure(azure).unwrap_err()), expected);
    let url = AmazonS3Builder::new().with_url("s3secret://bucket/secret");
    assert_eq!(reason(Bucket::s3(url).unwrap_err()), "invalid builder: its `build` method says why");
}

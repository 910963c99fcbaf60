//! The endpoints from which a client requests credentials. Only the one that it uses is checked, because the environment
//! may have settings for other credentials than those of the bucket.

use crate::setting::{Checked, Http, endpoint};

/// Checks where the client of S3 requests credentials, in the order in which it chooses them.
#[cfg(feature = "aws")]
pub(crate) fn check_s3(setting: impl Fn(object_store::aws::AmazonS3ConfigKey) -> Option<String>) -> Checked {
    use object_store::aws::AmazonS3ConfigKey as Key;

    use crate::setting::{check_path, check_url};

    let is_set = |key| setting(key).is_some();
    let checked = if is_set(Key::AccessKeyId) || is_set(Key::SecretAccessKey) {
        return Ok(());
    } else if is_set(Key::WebIdentityTokenFile) && is_set(Key::RoleArn) {
        let https = Http::Refused("it begins with `http://`, and the client uses `https://` only");
        endpoint("STS endpoint", setting(Key::StsEndpoint), https)
    } else if let Some(path) = setting(Key::ContainerCredentialsRelativeUri) {
        return check_path("container credentials path", &path);
    } else if let (Some(url), true) =
        (setting(Key::ContainerCredentialsFullUri), is_set(Key::ContainerAuthorizationTokenFile))
    {
        return check_url("container credentials URI", &url, Http::Allowed);
    } else {
        endpoint("metadata endpoint", setting(Key::MetadataEndpoint), Http::Allowed)
    };
    checked.map(drop)
}

/// Checks where the client of Azure requests credentials, in the order in which it chooses them.
#[cfg(feature = "azure")]
pub(crate) fn check_azure(
    setting: impl Fn(object_store::azure::AzureConfigKey) -> Option<String>,
    http: Http,
) -> Checked {
    use object_store::azure::AzureConfigKey as Key;

    use crate::setting::{check_header, is_true};

    let is_set = |key| setting(key).is_some();
    let fabric =
        [Key::FabricTokenServiceUrl, Key::FabricWorkloadHost, Key::FabricSessionToken, Key::FabricClusterIdentifier];
    let has_identity = is_set(Key::FederatedTokenFile) || is_set(Key::ClientSecret);
    let kind = setting(Key::CredentialType);
    match kind.as_deref().unwrap_or("auto") {
        "client_secret" | "workload_identity" => check_authority(&setting, http),
        "auto" if fabric.into_iter().all(is_set) => {
            check_header("Fabric workload host", setting(Key::FabricWorkloadHost).as_deref())?;
            check_header("Fabric session token", setting(Key::FabricSessionToken).as_deref())?;
            check_header("Fabric cluster identifier", setting(Key::FabricClusterIdentifier).as_deref())?;
            endpoint("Fabric token service URL", setting(Key::FabricTokenServiceUrl), http).map(drop)
        }
        "auto" if is_set(Key::Token) || is_set(Key::AccessKey) => Ok(()),
        "auto" if is_set(Key::ClientId) && is_set(Key::AuthorityId) && has_identity => check_authority(&setting, http),
        "auto" if is_set(Key::SasKey) || is_true("use_azure_cli", setting(Key::UseAzureCli))? => Ok(()),
        "auto" | "managed_identity" => {
            check_header("IDENTITY_HEADER", std::env::var("IDENTITY_HEADER").ok().as_deref())?;
            endpoint("MSI endpoint", setting(Key::MsiEndpoint), Http::Allowed).map(drop)
        }
        _ => Ok(()),
    }
}

#[cfg(feature = "azure")]
fn check_authority(setting: &impl Fn(object_store::azure::AzureConfigKey) -> Option<String>, http: Http) -> Checked {
    let host = setting(object_store::azure::AzureConfigKey::AuthorityHost);
    endpoint("authority host", host, http).map(drop)
}

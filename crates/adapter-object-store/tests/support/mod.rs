//! The servers that the tests run against.

#![allow(dead_code, unreachable_pub, reason = "each target uses only part of it")]
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

pub mod proxy;

use std::path::Path;

use adapter_object_store::{
    Bucket,
    object_store::{aws::AmazonS3Builder, azure::MicrosoftAzureBuilder},
};
use test_servers::Server;

/// The services of which a server is available.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    SeaweedFs,
    Azurite,
}

impl Service {
    /// Starts a server with a bucket.
    pub fn start(self) -> Server {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let builder = match self {
            Self::SeaweedFs => test_servers::seaweedfs_server(target),
            Self::Azurite => test_servers::azurite_server(target),
        };
        builder.unwrap().start().unwrap()
    }

    /// Returns the bucket of a server, behind a proxy perhaps, at this port.
    pub fn bucket(self, port: u16) -> Bucket {
        match self {
            Self::SeaweedFs => Bucket::s3(s3(port)),
            Self::Azurite => Bucket::azure(azure(port)),
        }
        .unwrap()
    }
}

pub fn s3(port: u16) -> AmazonS3Builder {
    AmazonS3Builder::new()
        .with_endpoint(format!("http://127.0.0.1:{port}"))
        .with_allow_http(true)
        .with_bucket_name("lucia")
        .with_access_key_id("lucia")
        .with_secret_access_key("a key of tests")
}

pub fn azure(port: u16) -> MicrosoftAzureBuilder {
    MicrosoftAzureBuilder::new()
        .with_endpoint(format!("http://127.0.0.1:{port}/lucia"))
        .with_allow_http(true)
        .with_account("lucia")
        .with_access_key("YSBrZXkgb2YgdGVzdHM=")
        .with_container_name("lucia")
}

use std::{error::Error as _, sync::Arc, time::Duration};

use adapter_kv_http as kv_http;
use lucia_core::{SessionAdapter as _, SessionId, SessionSchema, UnixMillis, kv::KvSessionAdapter};

use super::{SESSION_ID, TOKEN, shown::Shown};

pub(super) fn client(shown: &mut Shown) {
    use lucia_http::{
        BaseUrl, Client, HttpConfig, HttpSetupError, InvalidUrl, Request, Response, bearer,
        reqwest::{
            Method, StatusCode,
            header::{AUTHORIZATION, HeaderMap},
        },
    };

    let base = BaseUrl::parse("http://127.0.0.1:1").unwrap();
    shown.show("BaseUrl", &base);
    let headers = || HeaderMap::from_iter([(AUTHORIZATION, bearer(TOKEN).unwrap())]);
    shown.show("Client", &Client::new(HttpConfig::new(), "docs", headers()).unwrap());
    let request = Request::new(Method::PUT, base.join(&format!("/{SESSION_ID}"))).body(SESSION_ID);
    shown.show("Request", &request.header(AUTHORIZATION, bearer(TOKEN).unwrap()));
    let response = Response::new(StatusCode::OK, SESSION_ID.into());
    shown.show("Response", &response);
    shown.error("HttpError", &response.error());
    shown.error("HttpSetupError", &HttpSetupError::from(InvalidUrl::Scheme));
    shown.error("HttpSetupError", &bearer(&format!("{TOKEN}\n")).unwrap_err());
}

pub(super) async fn stores(shown: &mut Shown) {
    let http = || kv_http::HttpConfig::new().max_attempts(1).connect_timeout(Duration::from_secs(1));
    shown.show("HttpConfig", &http());
    let unstorage = || kv_http::UnstorageConfig::new().bearer_token(TOKEN).header("x-key", TOKEN).http(http());
    shown.show("UnstorageConfig", &unstorage());
    let unstorage = |url| kv_http::UnstorageStore::with_config(url, unstorage());
    let cloudflare = kv_http::CloudflareConfig::new().base_url("http://ada:secret@127.0.0.1:1").http(http());
    shown.show("CloudflareConfig", &cloudflare);
    let (account, namespace) = ("a".repeat(32), "b".repeat(32));
    let cloudflare = |config| kv_http::CloudflareStore::with_config(&account, &namespace, TOKEN, config);
    for url in ["secret", "http://ada:secret@127.0.0.1:1/"] {
        let error = unstorage(url).unwrap_err();
        shown.error("SetupError", &error);
        shown.error("InvalidUrl", error.source().unwrap());
    }
    let config = kv_http::CloudflareConfig::new().base_url("http://127.0.0.1:1").http(http());
    let (unstorage, cloudflare) = (unstorage("http://127.0.0.1:1/").unwrap(), cloudflare(config).unwrap());
    shown.show("UnstorageStore", &unstorage);
    shown.error("ReadOnlyDriver", &kv_http::ReadOnlyDriver);
    shown.show("CloudflareStore", &cloudflare);
    let id = SessionId::new(SESSION_ID);
    let outages = [
        KvSessionAdapter::new(unstorage).get_session(&id).await.unwrap_err(),
        KvSessionAdapter::new(cloudflare).get_session(&id).await.unwrap_err(),
    ];
    for outage in &outages {
        shown.error("AdapterError", outage);
        shown.error("HttpError", outage.source().unwrap());
        shown.error("TransportError", outage.source().unwrap().source().unwrap());
    }
}

pub(super) async fn objects(shown: &mut Shown) {
    use adapter_object_store::{
        Bucket, ObjectKvConfig, ObjectKvStore,
        object_store::{aws::AmazonS3Builder, memory::InMemory},
    };

    let builder = AmazonS3Builder::new().with_bucket_name("b").with_region("r").with_endpoint("http://127.0.0.1:1");
    let builder = builder.with_allow_http(true).with_access_key_id(TOKEN).with_secret_access_key(TOKEN);
    let config = || ObjectKvConfig::new().max_attempts(1);
    shown.show("ObjectKvConfig", &config());
    let bucket = Bucket::s3(builder.clone()).unwrap();
    shown.show("Bucket", &bucket);
    let outage = ObjectKvStore::with_config(bucket, config()).await.unwrap_err();
    shown.error("SetupError", &outage);
    shown.error("ObjectStoreError", outage.source().unwrap().source().unwrap());
    shown.error("SetupError", &Bucket::s3(builder.with_url(format!("s3{TOKEN}://{TOKEN}"))).unwrap_err());
    let store = ObjectKvStore::new(Bucket::from_store(Arc::new(InMemory::new()))).await.unwrap();
    shown.show("ObjectKvStore", &store);
    let sessions = KvSessionAdapter::new(store);
    let long = SessionSchema::new(SESSION_ID.repeat(100), "u1", UnixMillis::MAX, UnixMillis::MAX);
    shown.error("AdapterError", &sessions.set_session(&long).await.unwrap_err());
}

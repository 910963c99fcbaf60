//! TLS certificates.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use adapter_kv_http::{HttpConfig, UnstorageConfig, UnstorageStore, reqwest::Certificate};
use lucia_core::{AdapterErrorKind as Kind, kv::KvStore as _};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// A TLS server with its own certificate that responds to every request with 1.
struct Server {
    port: u16,
    certificate: Certificate,
    requests: Arc<AtomicUsize>,
}

async fn server(names: &[&str], is_expired: bool) -> Server {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    if is_expired {
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    }
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    // Other crates in the build may enable a second provider, and rustls does not choose.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth();
    let config = config.with_single_cert(vec![certificate.der().clone()], private).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, requests) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut request = [0; 4096];
            if stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                counter.fetch_add(1, SeqCst);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\n1").await;
                let _ = stream.shutdown().await;
            }
        }
    });
    Server { port, certificate: Certificate::from_der(certificate.der()).unwrap(), requests }
}

impl Server {
    fn store(&self, host: &str, trusted: bool) -> UnstorageStore {
        let options = HttpConfig::new().max_attempts(1);
        let options = if trusted { options.root_certificate(self.certificate.clone()) } else { options };
        let config = UnstorageConfig::new().bearer_token("hunter2").http(options);
        UnstorageStore::with_config(&format!("https://{host}:{}", self.port), config).unwrap()
    }
}

#[tokio::test]
async fn no_token_is_sent_to_an_untrusted_certificate() {
    let server = server(&["localhost"], false).await;
    let error = server.store("localhost", false).get("a").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert_eq!(server.requests.load(SeqCst), 0, "nothing was sent");
    let shown = format!("{error:?}");
    assert!(shown.contains("UnknownIssuer") && !shown.contains("hunter2"), "{shown}");
}

#[tokio::test]
async fn no_token_is_sent_to_an_invalid_certificate() {
    let wrong_name = server(&["kv.example.com"], false).await;
    let expired = server(&["localhost"], true).await;
    for server in [&wrong_name, &expired] {
        let error = server.store("localhost", true).get("a").await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
        assert_eq!(server.requests.load(SeqCst), 0, "nothing was sent");
    }
}

#[tokio::test]
async fn a_root_certificate_can_be_added() {
    let server = server(&["localhost"], false).await;
    assert_eq!(server.store("localhost", true).get("a").await.unwrap().as_deref(), Some(&b"1"[..]));
    assert_eq!(server.requests.load(SeqCst), 1);
}

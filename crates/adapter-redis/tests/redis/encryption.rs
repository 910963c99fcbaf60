//! TLS connections to a server with a certificate of the test's own authority.

use adapter_redis::{
    ConnectConfig, RedisSessionAdapter, SetupError,
    redis::{Client, TlsCertificates},
};
use lucia_core::SessionAdapter;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use test_servers::Server;

use crate::place::session;

#[tokio::test]
async fn a_server_is_trusted_by_its_certificate() {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let server = Server::builder("redis-server")
        .unwrap()
        .file("certificate.pem", certificate.pem())
        .file("key.pem", key.serialize_pem())
        .args(["--port", "0", "--tls-port", "{port}", "--bind", "127.0.0.1", "--dir", "{folder}", "--save", ""])
        .args(["--tls-cert-file", "{folder}/certificate.pem", "--tls-key-file", "{folder}/key.pem"])
        .args(["--tls-ca-cert-file", "{folder}/certificate.pem", "--tls-auth-clients", "no"])
        .start()
        .unwrap();
    let url = format!("rediss://localhost:{}", server.port());

    let stranger = adapter_redis::connect(&url).await.unwrap_err();
    assert!(matches!(stranger, SetupError::Unavailable { .. } | SetupError::Refused { .. }), "{stranger:?}");

    let trusted = TlsCertificates { client_tls: None, root_cert: Some(authority.pem().into_bytes()) };
    let client = Client::build_with_tls(url, trusted).unwrap();
    let connection = ConnectConfig::new().connect_info(client.get_connection_info().clone()).await.unwrap();
    let adapter = RedisSessionAdapter::new(connection).await.unwrap();
    let stored = session("s", "u");
    adapter.set_session(&stored).await.unwrap();
    assert_eq!(adapter.get_session(&stored.id).await.unwrap(), Some(stored));
}

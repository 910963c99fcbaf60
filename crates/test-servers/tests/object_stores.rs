//! The object stores.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    path::Path,
};

use test_servers::{azurite_server, seaweedfs_server};

fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[test]
fn each_is_started_with_an_empty_bucket() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let seaweedfs = seaweedfs_server(target).unwrap().start().unwrap();
    let listed = get(seaweedfs.port(), "/lucia?list-type=2");
    assert!(listed.contains("<Name>lucia</Name>") && !listed.contains("<Key>"), "{listed}");

    let azurite = azurite_server(target).unwrap().start().unwrap();
    let unsigned = get(azurite.port(), "/lucia/lucia/blob");
    assert!(unsigned.starts_with("HTTP/1.1 403") && unsigned.contains("x-ms-request-id"), "{unsigned}");
}

use std::net::{Ipv4Addr, TcpListener};

use super::ServiceError;

/// Below the ports that systems hand out to outgoing connections, so that none of those takes one between its choice and
/// the server's start; and low enough for a Redis cluster's second port, 10,000 above.
const FIRST: u16 = 10_240;
const COUNT: u16 = 12_000;

/// A port that nobody listens on, chosen at random; nor on the ports so far above it.
pub(super) fn free_port(offsets: &[u16]) -> Result<u16, ServiceError> {
    for _ in 0..200 {
        let random = getrandom::u32().map_err(|_| ServiceError::Io {
            doing: "choosing a port",
            source: std::io::Error::other("no random numbers"),
        })?;
        let port = FIRST + u16::try_from(random % u32::from(COUNT)).unwrap_or_default();
        if is_free(port) && offsets.iter().all(|offset| is_free(port + offset)) {
            return Ok(port);
        }
    }
    Err(ServiceError::Io { doing: "choosing a port", source: std::io::ErrorKind::AddrInUse.into() })
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

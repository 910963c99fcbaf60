use std::{
    io,
    net::{Ipv4Addr, TcpListener},
};

use crate::ServiceError;

/// Below the ports that systems assign to outgoing connections, so that no connection takes the port between the choice
/// and the server's start; and low enough for the second port of a Redis Cluster node, 10,000 above.
const FIRST: u16 = 10_240;
const COUNT: u16 = 12_000;

/// Returns a random port that nobody listens on, at these offsets neither.
pub(crate) fn free_port(offsets: &[u16]) -> Result<u16, ServiceError> {
    let choosing = "choosing a port";
    for _ in 0..200 {
        let random = getrandom::u32().map_err(|error| ServiceError::io(choosing)(error.into()))?;
        let port = FIRST + u16::try_from(random % u32::from(COUNT)).unwrap_or_default();
        if is_free(port) && offsets.iter().all(|offset| is_free(port + offset)) {
            return Ok(port);
        }
    }
    Err(ServiceError::io(choosing)(io::ErrorKind::AddrInUse.into()))
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

use std::net::IpAddr;

use http::Extensions;

/// Returns the address of the connection, if the server added it to its requests.
#[cfg(feature = "connect-info")]
pub(super) fn peer_address(extensions: &Extensions) -> Option<IpAddr> {
    use std::net::SocketAddr;

    use axum::extract::{ConnectInfo, connect_info::MockConnectInfo};

    let connected = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let address = connected.or_else(|| extensions.get::<MockConnectInfo<SocketAddr>>().map(|info| info.0));
    address.map(|address| address.ip())
}

#[cfg(not(feature = "connect-info"))]
pub(super) const fn peer_address(_: &Extensions) -> Option<IpAddr> {
    None
}

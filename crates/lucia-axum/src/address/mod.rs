//! The address of a request's client, behind proxies or not.

mod network;
mod forwarded;
mod peer;

use std::{net::IpAddr, sync::Arc};

use http::{Extensions, HeaderMap};

pub use self::network::InvalidProxy;
use self::peer::peer_address;
pub(crate) use self::{forwarded::ForwardingHeader, network::Network};

/// How the address of a client is found.
#[derive(Clone, Debug, Default)]
pub(crate) struct AddressConfig {
    /// `None` if the application did not say whether there are proxies.
    pub(crate) proxies: Option<Arc<[Network]>>,
    pub(crate) header: ForwardingHeader,
}

impl AddressConfig {
    /// Returns the address of the client, if it is known.
    pub(crate) fn find(&self, extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer_address(extensions)?.to_canonical();
        let Some(proxies) = &self.proxies else {
            // A proxy has one for all clients.
            return (!is_internal(peer)).then_some(peer);
        };
        let is_proxy = |address| proxies.iter().any(|network| network.contains(address));
        if is_proxy(peer) { self.header.last_address(headers, is_proxy) } else { Some(peer) }
    }
}

/// Returns `true` for an address that is not on the internet: of this machine, or of a private network.
const fn is_internal(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            // RFC 6598: between a provider and its customers, and in clusters.
            let is_shared = matches!(address.octets(), [100, 64..=127, ..]);
            address.is_loopback() || address.is_private() || address.is_link_local() || is_shared
        }
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_addresses_are_not_on_the_internet() {
        for (address, expected) in [
            ("127.0.0.1", true),
            ("10.1.2.3", true),
            ("172.17.0.1", true),
            ("192.168.0.1", true),
            ("169.254.0.1", true),
            ("100.64.0.1", true),
            ("100.127.255.255", true),
            ("::1", true),
            ("fd00::1", true),
            ("fe80::1", true),
            ("100.63.255.255", false),
            ("100.128.0.0", false),
            ("172.32.0.1", false),
            ("203.0.113.7", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_internal(address.parse().unwrap()), expected, "{address}");
        }
    }
}

use std::{net::IpAddr, sync::Arc};

use http::{Extensions, HeaderMap};

use super::{ForwardingHeader, ProxyRange, internal::is_internal, peer::peer_address};

/// How the address of a client is found.
#[derive(Clone, Debug, Default)]
pub(crate) struct AddressConfig {
    /// `None` if the application did not say whether there are proxies.
    pub(crate) proxies: Option<Arc<[ProxyRange]>>,
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
        let is_proxy = |address| proxies.iter().any(|range| range.contains(address));
        if is_proxy(peer) { self.header.last_address(headers, is_proxy) } else { Some(peer) }
    }
}

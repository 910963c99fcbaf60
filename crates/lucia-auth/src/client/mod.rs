//! The client of a request, as limits and the queue of hashes distinguish it.

mod network;
mod device_cookie;

use std::{fmt, net::IpAddr};

pub(crate) use self::{
    device_cookie::{DeviceCookie, Mark},
    network::Network,
};

/// A browser has several cookies with one name if another path or domain set one; more than this are an attack.
const MAX_DEVICE_COOKIES: usize = 4;

/// The client of a request: its address and its device, as far as they are known.
///
/// [`AuthRequest::client`](crate::AuthRequest::client) returns that of a request. Guesses are counted for each address,
/// and a [device that signed in before](crate::AuthRequest::remember_device) has attempts of its own. `Debug` hides both.
///
/// ```
/// use lucia_auth::{Auth, Client, Error, VerifiedKey};
///
/// async fn sign_in(auth: &Auth, client: &Client, name: &str, password: &str) -> Result<VerifiedKey, Error> {
///     auth.use_key_with_password(("username", name), password).client(client).await
/// }
///
/// let client = Client::new().address([203, 0, 113, 7].into());
/// assert!(!format!("{client:?}").contains("203"));
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Client {
    address: Option<IpAddr>,
    devices: Vec<DeviceCookie>,
}

impl Client {
    /// Creates a client of which nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the client's address: not that of a proxy, and not one that the client chose, as in a header.
    pub fn address(mut self, address: IpAddr) -> Self {
        self.address = Some(address.to_canonical());
        self
    }

    /// Adds the value of a cookie `auth_device`. Ignores it if it is malformed, and after the fourth one.
    pub fn device(mut self, cookie: &str) -> Self {
        if self.devices.len() < MAX_DEVICE_COOKIES {
            self.devices.extend(DeviceCookie::parse(cookie));
        }
        self
    }

    /// Returns the client's address, if it is known. An IPv4 address that is mapped to IPv6 is returned as IPv4.
    #[must_use]
    pub const fn ip(&self) -> Option<IpAddr> {
        self.address
    }

    pub(crate) fn network(&self) -> Option<Network> {
        self.address.map(Network::of)
    }

    pub(crate) fn devices(&self) -> &[DeviceCookie] {
        &self.devices
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

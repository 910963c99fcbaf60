//! The address of a request's client, behind proxies or not.

mod proxy_range;
mod forwarding_header;
mod peer;
mod internal;
mod config;

pub use self::proxy_range::InvalidProxy;
pub(crate) use self::{config::AddressConfig, forwarding_header::ForwardingHeader, proxy_range::ProxyRange};

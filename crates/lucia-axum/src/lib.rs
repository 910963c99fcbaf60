#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod rejection;
mod address;
mod extract;
mod layer;
mod guard;

pub use self::{
    address::InvalidProxy,
    extract::{AnySession, AuthRequest, BearerSession, CurrentSession, RecentSession},
    guard::{RequireSession, RequireSessionService, next_path},
    layer::{AuthLayer, AuthService, ResponseFuture},
    rejection::AuthRejection,
};
pub use lucia_auth;

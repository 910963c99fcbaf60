#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod extract;
mod layer;
mod rejection;

pub use self::{
    extract::{AuthHandle, BearerSession, CurrentSession},
    layer::{AuthLayer, AuthService, ResponseFuture},
    rejection::AuthRejection,
};
pub use lucia_auth;

#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod rejection;
mod extract;
mod layer;

pub use self::{
    extract::{AuthRequest, BearerSession, CurrentSession},
    layer::{AuthLayer, AuthService, ResponseFuture},
    rejection::AuthRejection,
};
pub use lucia_auth;

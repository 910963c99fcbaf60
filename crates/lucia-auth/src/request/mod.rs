mod auth_request;
mod context;
mod headers;
mod methods;

pub(crate) use self::headers::only_header;
pub use self::{auth_request::AuthRequest, context::RequestContext};

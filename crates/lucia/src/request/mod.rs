mod auth_request;
mod context;
mod methods;

pub use self::{auth_request::AuthRequest, context::RequestContext};

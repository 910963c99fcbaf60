mod auth_request;
mod bearer_session;
mod current_session;

pub use self::{auth_request::AuthRequest, bearer_session::BearerSession, current_session::CurrentSession};

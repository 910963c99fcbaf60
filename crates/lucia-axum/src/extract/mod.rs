mod bearer_session;
mod current_session;
mod handle;

pub use self::{bearer_session::BearerSession, current_session::CurrentSession, handle::AuthHandle};

mod find;
mod auth_request;
mod bearer_session;
mod current_session;
mod recent_session;
mod any_session;

pub(crate) use self::find::{any_session, auth_request, cookie_session, missing_session};
pub use self::{
    any_session::AnySession, auth_request::AuthRequest, bearer_session::BearerSession, current_session::CurrentSession,
    recent_session::RecentSession,
};

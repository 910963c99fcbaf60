mod next_path;
mod require_session;
mod service;

pub use self::{next_path::next_path, require_session::RequireSession, service::RequireSessionService};

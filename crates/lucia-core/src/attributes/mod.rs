//! The application's own columns of a user or a session.

mod error;
mod map;

pub use self::{error::AttributesError, map::Attributes};

mod accept;
mod auth_rejection;
mod render;

pub use self::auth_rejection::AuthRejection;
pub(crate) use self::render::{Render, Renderer};

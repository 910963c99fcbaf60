mod build_error;
mod builder;
mod handle;
mod no_attributes;

pub use self::{build_error::BuildError, builder::AuthBuilder, handle::Auth, no_attributes::NoAttributes};

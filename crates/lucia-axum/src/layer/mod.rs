mod auth_layer;
mod future;
mod service;

pub use self::{auth_layer::AuthLayer, future::ResponseFuture, service::AuthService};

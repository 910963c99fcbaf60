mod future;
mod auth_layer;
mod service;

pub use self::{auth_layer::AuthLayer, future::ResponseFuture, service::AuthService};

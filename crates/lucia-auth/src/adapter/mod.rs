//! Adapters whose errors name the called method.

mod operation;
mod named_adapter;
mod named_token_adapter;

pub(crate) use self::{named_adapter::NamedAdapter, named_token_adapter::NamedTokenAdapter};

//! A proxy that makes single statements fail.

mod conflict;
mod plan;
mod postgres;
mod mysql;
mod proxy;

pub use self::{conflict::Conflict, proxy::FailingProxy};

//! Stores with faulty conditional writes.

mod backend;
mod mutant;

pub(crate) use self::{backend::Stores, mutant::EXPECTED};

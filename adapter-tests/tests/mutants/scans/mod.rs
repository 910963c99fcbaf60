//! A correct adapter that scans sessions, and broken ones.

mod mutant;
mod backend;

pub(crate) use self::{backend::Scans, mutant::EXPECTED};

//! A correct adapter for a key-value store with scripts, and broken ones.

mod adapter;
mod backend;
mod deleting;
mod mutant;
mod expected;
mod reading;
mod spelling;
mod store;
mod updating;
mod writing;

pub(crate) use self::{
    backend::{Form, KeyValue},
    expected::{CLOSED, LOOSE, WHOLE},
    mutant::{Bug, End},
};

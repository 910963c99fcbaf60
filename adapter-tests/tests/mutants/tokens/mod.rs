//! A correct adapter for tokens and counters, and broken ones.

mod store;
mod mutant;
mod reading;
mod writing;
mod deleting;
mod counting;
mod adapter;
mod backend;
mod expected;

pub(crate) use self::{
    backend::{Form, Tokens},
    expected::{EXPIRING, LOOSE, TABLE},
    mutant::Bug,
};

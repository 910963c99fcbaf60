//! A correct adapter for tables with columns and constraints, and broken ones.

mod adapter;
mod backend;
mod joined;
mod keys;
mod mutant;
mod expected;
mod oldest;
mod sessions;
mod users;

pub(crate) use self::{
    backend::Table,
    expected::{LOOSE, WHOLE},
    mutant::Bug,
};

use lucia_core::{AdapterErrorKind as Kind, AdapterResult};

fn fail<T>(kind: Kind) -> AdapterResult<T> {
    Err(kind.into())
}

/// Replaces one kind of error by another.
fn mistaken<T>(outcome: AdapterResult<T>, from: Kind, to: Kind) -> AdapterResult<T> {
    match outcome {
        Err(error) if error.kind() == from => fail(to),
        outcome => outcome,
    }
}

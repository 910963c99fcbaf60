//! Users and keys in a D1 database.

mod adapter;
mod config;
mod database;
mod error;
mod failure;
mod statements;
mod value;

pub use self::{
    adapter::D1UserAdapter,
    config::{AttributeType, D1Config, InvalidD1Config},
    error::D1Error,
};
use self::{
    database::{Database, Statement},
    error::{Error, Thrown},
    failure::Failure,
    statements::Statements,
    value::{D1Value, Reason},
};

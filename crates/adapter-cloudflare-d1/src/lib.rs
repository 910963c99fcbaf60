#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod config;
mod statements;
mod value;
mod failure;
mod error;
mod database;
mod adapter;

pub use worker;

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

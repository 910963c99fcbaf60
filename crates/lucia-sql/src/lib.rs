#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod adapter;
mod catalog;
mod config;
mod dialect;
pub mod driver;
mod error;
mod mismatch;
mod refusal;
mod schema;
mod setup_error;
mod statement;
mod tables;
mod value;

pub use self::{
    adapter::{SqlAdapter, SqlUserAdapter},
    config::{Attribute, AttributeType, DateTimeFormat, SqlConfig, Table, is_valid_name},
    mismatch::Mismatch,
    refusal::{ConstraintKind, Refusal},
    setup_error::SetupError,
};

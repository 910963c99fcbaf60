#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod refusal;
mod mismatch;
mod config;
pub mod driver;
mod setup_error;
mod tables;
mod value;
mod dialects;
mod statement;
mod catalogs;
mod schema;
mod error;
mod adapter;

pub use self::{
    adapter::{NoSessions, Sessions, SqlAdapter, SqlTokenAdapter, SqlUserAdapter},
    config::{Attribute, AttributeType, DateTimeFormat, SqlConfig, Table, is_valid_name},
    mismatch::Mismatch,
    refusal::{ConstraintKind, Refusal},
    setup_error::SetupError,
};

#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod promise;
mod access;
mod profile;
mod back_door;
mod backend;
pub mod schema;
mod sample;
mod ensure;
mod context;
mod case;
mod cases;
mod report;
mod plan;
mod run;
#[cfg(feature = "harness")]
pub mod harness;

pub use self::{
    access::Access,
    back_door::{BackDoor, Corruption},
    backend::{Backend, Store},
    plan::{CaseInfo, Family, all_cases},
    profile::Profile,
    promise::Promise,
    report::{Outcome, Report},
    run::{
        run_adapter, run_joined_adapter, run_kv_store, run_session_adapter, run_session_scan, run_token_adapter,
        run_user_adapter,
    },
};

/// An error of a backend or a back door.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

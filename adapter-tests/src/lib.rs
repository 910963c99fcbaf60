#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod back_door;
mod backend;
mod case;
mod cases;
mod context;
mod ensure;
#[cfg(feature = "harness")]
pub mod harness;
mod plan;
mod profile;
mod report;
mod run;
mod sample;
pub mod schema;

pub use self::{
    back_door::{BackDoor, Corruption},
    backend::{Backend, Store},
    plan::{CaseInfo, Family, all_cases},
    profile::{Access, Profile, Promise},
    report::{Outcome, Report},
    run::{run_adapter, run_joined_adapter, run_session_adapter, run_user_adapter},
};

/// Any error of a backend or a back door.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

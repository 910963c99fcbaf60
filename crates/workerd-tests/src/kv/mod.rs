//! Sessions in KV.

mod watched_store;
mod back_door;
mod backend;
mod checks;
mod requests;

use self::{back_door::KvBackDoor, watched_store::WatchedStore};
pub(crate) use self::{
    backend::{SessionAdapter, Sessions, open_sessions, session_profile},
    checks::CHECKS,
    requests::CHECKS as REQUESTS,
};

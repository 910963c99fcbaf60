//! Users, keys, sessions and tokens in D1.

mod watched_database;
mod tables;
mod back_door;
mod backend;
mod samples;
mod values;
mod times;
mod requests;
mod rows;
mod retries;
mod setup;

use self::{back_door::D1BackDoor, watched_database::WatchedDatabase};
pub(crate) use self::{
    backend::{Everything, Tokens, Users, open_users},
    tables::Owners,
};
use crate::check::Check;

pub(crate) const CHECKS: [&[Check]; 6] =
    [values::CHECKS, times::CHECKS, requests::CHECKS, rows::CHECKS, retries::CHECKS, setup::CHECKS];

//! `lucia-auth` on the adapter: the behaviour that applications see, on any store.

mod app;
mod session_life;
mod session_ids;
mod users_at_renewal;
mod users;
mod keys;
mod requests;

use lucia_core::Adapter;

use crate::case::Case;

pub(crate) const CASES: &[&[Case<dyn Adapter>]] =
    &[session_life::CASES, session_ids::CASES, users_at_renewal::CASES, users::CASES, keys::CASES, requests::CASES];

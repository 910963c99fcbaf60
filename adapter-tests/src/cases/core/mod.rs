//! `lucia-auth` on the adapter: what an application sees, whatever the store promises.

mod app;
mod session_life;
mod users;
mod keys;
mod requests;

use lucia_core::Adapter;

use crate::case::Case;

pub(crate) const CASES: &[&[Case<dyn Adapter>]] = &[session_life::CASES, users::CASES, keys::CASES, requests::CASES];

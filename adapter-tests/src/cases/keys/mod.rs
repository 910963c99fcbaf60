mod steps;
mod get_key;
mod set_key;
mod update_key;
mod delete_key;

use lucia_core::UserAdapter;

use crate::case::Case;

pub(crate) const CASES: &[&[Case<dyn UserAdapter>]] =
    &[get_key::CASES, set_key::CASES, update_key::CASES, delete_key::CASES];

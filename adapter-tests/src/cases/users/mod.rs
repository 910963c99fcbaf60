mod steps;
mod get_user;
mod set_user;
mod set_user_attributes;
mod update_user;
mod delete_user;
mod delete_user_in_parallel;

use lucia_core::UserAdapter;

use crate::case::Case;

pub(crate) const CASES: &[&[Case<dyn UserAdapter>]] = &[
    get_user::CASES,
    set_user::CASES,
    set_user_attributes::CASES,
    update_user::CASES,
    delete_user::CASES,
    delete_user_in_parallel::CASES,
];

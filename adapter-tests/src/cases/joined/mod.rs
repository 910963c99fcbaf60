mod steps;
mod get_session_and_user;
mod get_first_session_and_user;
mod get_sessions_and_users;
mod set_session_and_get_user;
mod delete_user;
mod delete_user_in_parallel;

use lucia_core::Adapter;

use crate::case::Case;

pub(crate) const CASES: &[&[Case<dyn Adapter>]] = &[
    get_session_and_user::CASES,
    get_first_session_and_user::CASES,
    get_sessions_and_users::CASES,
    set_session_and_get_user::CASES,
    delete_user::CASES,
    delete_user_in_parallel::CASES,
];

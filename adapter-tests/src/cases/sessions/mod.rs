mod steps;
mod get_session;
mod session_ids;
mod get_sessions_by_user_id;
mod set_session;
mod set_session_attributes;
mod set_session_expiry;
mod update_session;
mod update_session_expiry;
mod update_session_in_parallel;
mod delete_session;
mod delete_sessions_by_user_id;
mod delete_oldest_sessions;
mod delete_expired_sessions;
mod rotate_session;
mod freed_ids;
mod debug;

use lucia_core::SessionAdapter;

use crate::case::Case;

pub(crate) const CASES: &[&[Case<dyn SessionAdapter>]] = &[
    get_session::CASES,
    session_ids::CASES,
    get_sessions_by_user_id::CASES,
    set_session::CASES,
    set_session_attributes::CASES,
    set_session_expiry::CASES,
    update_session::CASES,
    update_session_expiry::CASES,
    update_session_in_parallel::CASES,
    delete_session::CASES,
    delete_sessions_by_user_id::CASES,
    delete_oldest_sessions::CASES,
    delete_expired_sessions::CASES,
    rotate_session::CASES,
    freed_ids::CASES,
    debug::CASES,
];

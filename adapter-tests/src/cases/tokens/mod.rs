mod steps;
mod get_token;
mod token_ids;
mod set_token;
mod set_token_expiry;
mod take_token;
mod delete_tokens;
mod delete_tokens_in_parallel;
mod delete_user_in_parallel;
mod add_to_counter;
mod counter_window;
mod counter_keys;
mod delete_expired_tokens;
mod debug;

use lucia_core::TokenAdapter;

use crate::case::Case;

pub(crate) const CASES: &[&[Case<dyn TokenAdapter>]] = &[
    get_token::CASES,
    token_ids::CASES,
    set_token::CASES,
    set_token_expiry::CASES,
    take_token::CASES,
    delete_tokens::CASES,
    delete_tokens_in_parallel::CASES,
    delete_user_in_parallel::CASES,
    add_to_counter::CASES,
    counter_window::CASES,
    counter_keys::CASES,
    delete_expired_tokens::CASES,
    debug::CASES,
];

//! Checks and creates the tables of the application.

mod check;
mod create_tables;

pub(crate) use self::check::{tables, token_tables, user_tables};

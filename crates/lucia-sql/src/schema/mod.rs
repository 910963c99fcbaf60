//! The tables of the application: compared with what is needed, and made.

mod check;
mod create_tables;

pub(crate) use self::check::{tables, user_tables};

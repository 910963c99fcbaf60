//! The tables of the application: compared with what is needed, and made.

mod check;
mod create;

pub(crate) use self::check::{tables, user_tables};

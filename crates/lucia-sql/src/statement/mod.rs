//! All SQL text but that of a dialect's own catalogue. It is rendered when the adapter is made, from quoted names; values
//! are parameters.

mod writer;
mod write;
mod session;
mod user;

pub(crate) use self::{
    session::{PURGED_AT_ONCE, Purge, READ_AT_ONCE, SessionStatements},
    user::{KeyStatements, UserStatements},
};

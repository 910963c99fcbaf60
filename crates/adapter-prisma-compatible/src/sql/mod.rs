//! All SQL text but that of a dialect's own catalogue. It is rendered when the adapter is made, from quoted names; values
//! are parameters.

mod statements;
mod text;

pub(crate) use self::statements::Statements;

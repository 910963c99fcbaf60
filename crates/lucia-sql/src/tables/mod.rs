//! The tables, as they are needed: named, quoted, and with what each column can hold.

mod limit;
mod column;
mod ident;
mod written;
mod table;

pub(crate) use self::{
    column::{AttributeColumn, Column, TimeForm},
    ident::Ident,
    limit::{Limit, Repertoire},
    table::{KeyTable, SessionTable, UserTable},
    written::{Constraint, Written},
};

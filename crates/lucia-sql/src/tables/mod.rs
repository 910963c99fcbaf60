//! The tables of an adapter: their names, quoted names, columns, and the limits of each column.

mod limit;
mod column;
mod ident;
mod write_target;
mod table;
mod owner;

pub(crate) use self::{
    column::{AttributeColumn, Column, TimeForm},
    ident::Ident,
    limit::{Limit, Repertoire},
    owner::Owner,
    table::{KeyTable, SessionTable, TokenTable, UserTable},
    write_target::{Constraint, WriteTarget},
};

//! The tables: as the database has them, as they are needed, and as they are made.

mod check;
mod create;
mod found;

pub(crate) use self::{
    check::check,
    create::{NewTable, Object},
    found::{FoundColumn, FoundTable, Unique},
};
use crate::config::AttributeType;

/// A name, and the same quoted for the database.
#[derive(Clone, Debug)]
pub(crate) struct Ident {
    pub(crate) name: String,
    pub(crate) quoted: String,
}

/// A column that holds an attribute.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) ident: Ident,
    /// The name of the attribute.
    pub(crate) field: String,
    pub(crate) kind: AttributeType,
    /// The labels of an enum and what is stored for them; empty if any string is allowed.
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) nullable: bool,
    pub(crate) has_default: bool,
    /// Computed by the database: read, never written.
    pub(crate) generated: bool,
    /// Whether times are written as milliseconds.
    pub(crate) as_millis: bool,
}

impl Column {
    /// Whether an insert must name it, if only with null, so that the text of most inserts is the same.
    pub(crate) const fn is_always_written(&self) -> bool {
        !self.generated && !self.has_default
    }
}

#[derive(Debug)]
pub(crate) struct UserTable {
    pub(crate) table: Ident,
    pub(crate) id: Ident,
    pub(crate) attributes: Vec<Column>,
}

#[derive(Debug)]
pub(crate) struct SessionTable {
    pub(crate) table: Ident,
    pub(crate) id: Ident,
    pub(crate) user_id: Ident,
    pub(crate) active_expires: Ident,
    pub(crate) idle_expires: Ident,
    pub(crate) attributes: Vec<Column>,
}

#[derive(Debug)]
pub(crate) struct KeyTable {
    pub(crate) table: Ident,
    pub(crate) id: Ident,
    pub(crate) user_id: Ident,
    pub(crate) hashed_password: Ident,
}

/// The three tables, checked.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) user: UserTable,
    pub(crate) session: SessionTable,
    pub(crate) key: KeyTable,
}

use super::{Column, Ident, UserTable};

/// The relation from the rows of a table to the users that they belong to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner<'t> {
    pub(crate) table: &'t Ident,
    /// The column of user ids.
    pub(crate) column: &'t Column,
    pub(crate) users: &'t UserTable,
    /// `true` if a foreign key is known. Otherwise, the statements themselves must prevent orphans.
    pub(crate) is_referenced: bool,
}

use super::{Column, Ident, KeyTable, SessionTable, TokenTable, UserTable};

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

impl SessionTable {
    pub(crate) fn owner<'t>(&'t self, users: &'t UserTable) -> Owner<'t> {
        Owner { table: &self.table, column: &self.user_id, users, is_referenced: self.references_users }
    }
}

impl KeyTable {
    pub(crate) fn owner<'t>(&'t self, users: &'t UserTable) -> Owner<'t> {
        Owner { table: &self.table, column: &self.user_id, users, is_referenced: self.references_users }
    }
}

impl TokenTable {
    pub(crate) fn owner<'t>(&'t self, users: &'t UserTable) -> Owner<'t> {
        Owner { table: &self.table, column: &self.user_id, users, is_referenced: self.references_users }
    }
}

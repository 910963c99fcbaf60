use lucia_core::AdapterErrorKind as Kind;

use super::{AttributeColumn, Column, Constraint, Ident, WriteTarget};

#[derive(Debug)]
pub(crate) struct UserTable {
    pub(crate) table: Ident,
    pub(crate) id: Column,
    pub(crate) attributes: Vec<AttributeColumn>,
    pub(crate) constraints: Vec<Constraint>,
}

#[derive(Debug)]
pub(crate) struct SessionTable {
    pub(crate) table: Ident,
    pub(crate) id: Column,
    pub(crate) user_id: Column,
    pub(crate) active_expires: Column,
    pub(crate) idle_expires: Column,
    pub(crate) attributes: Vec<AttributeColumn>,
    pub(crate) constraints: Vec<Constraint>,
    /// `true` if a foreign key to the table of users is known.
    pub(crate) references_users: bool,
}

#[derive(Debug)]
pub(crate) struct KeyTable {
    pub(crate) table: Ident,
    pub(crate) id: Column,
    pub(crate) user_id: Column,
    pub(crate) hashed_password: Column,
    /// `true` if `hashed_password` must not be null.
    pub(crate) requires_passwords: bool,
    pub(crate) constraints: Vec<Constraint>,
    /// `true` if a foreign key to the table of users is known.
    pub(crate) references_users: bool,
}

/// The table of tokens and counters.
#[derive(Debug)]
pub(crate) struct TokenTable {
    pub(crate) table: Ident,
    pub(crate) id: Column,
    pub(crate) kind: Column,
    pub(crate) user_id: Column,
    pub(crate) data: Column,
    pub(crate) expires: Column,
    pub(crate) constraints: Vec<Constraint>,
    /// `true` if a foreign key to the table of users is known.
    pub(crate) references_users: bool,
}

impl UserTable {
    /// Returns the columns to read for a user: the id and the attributes.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &Column> {
        std::iter::once(&self.id).chain(self.attributes.iter().map(|attribute| &attribute.column))
    }

    pub(crate) fn write_target(&self) -> WriteTarget<'_> {
        let Self { table, id, attributes, constraints } = self;
        WriteTarget { table, id, user_id: None, attributes, constraints, duplicate: Kind::DuplicateUserId }
    }
}

impl SessionTable {
    /// Returns the columns of Lucia's own fields.
    pub(crate) fn fields(&self) -> [&Column; 4] {
        [&self.id, &self.user_id, &self.active_expires, &self.idle_expires]
    }

    /// Returns the columns to read for a session: the fields and the attributes.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.fields().into_iter().chain(self.attributes.iter().map(|attribute| &attribute.column))
    }

    pub(crate) fn write_target(&self) -> WriteTarget<'_> {
        let Self { table, id, user_id, attributes, constraints, .. } = self;
        let user_id = Some(user_id);
        WriteTarget { table, id, user_id, attributes, constraints, duplicate: Kind::DuplicateSessionId }
    }
}

impl KeyTable {
    pub(crate) fn columns(&self) -> [&Column; 3] {
        [&self.id, &self.user_id, &self.hashed_password]
    }

    pub(crate) fn write_target(&self) -> WriteTarget<'_> {
        let Self { table, id, user_id, constraints, .. } = self;
        let user_id = Some(user_id);
        WriteTarget { table, id, user_id, attributes: &[], constraints, duplicate: Kind::DuplicateKeyId }
    }
}

impl TokenTable {
    pub(crate) fn columns(&self) -> [&Column; 5] {
        [&self.id, &self.kind, &self.user_id, &self.data, &self.expires]
    }

    pub(crate) fn write_target(&self) -> WriteTarget<'_> {
        let Self { table, id, user_id, constraints, .. } = self;
        let user_id = Some(user_id);
        WriteTarget { table, id, user_id, attributes: &[], constraints, duplicate: Kind::DuplicateTokenId }
    }
}

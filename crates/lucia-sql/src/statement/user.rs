use super::{
    write::{columns, insert_columns, insert_of_user, is_usual, update, usual},
    writer::Writer,
};
use crate::{
    dialect::Dialect,
    driver::Statement,
    tables::{AttributeColumn, Column, KeyTable, SessionTable, UserTable},
};

/// Every statement about users, and the few that depend on what is written. Parameters: the user's id.
#[derive(Debug)]
pub(crate) struct UserStatements {
    dialect: &'static dyn Dialect,
    pub(crate) get: Statement,
    pub(crate) exists: Statement,
    pub(crate) delete: Statement,
    insert: Statement,
    insert_with_key: Option<Statement>,
    /// The id three times, or twice if there are no sessions: deletes the sessions and keys of a user, and the user.
    pub(crate) delete_with_all: Option<Statement>,
}

/// Every statement about keys. Parameters: the key's id, or the user's where the name says so.
#[derive(Debug)]
pub(crate) struct KeyStatements {
    dialect: &'static dyn Dialect,
    pub(crate) get: Statement,
    pub(crate) get_by_user: Statement,
    pub(crate) exists: Statement,
    pub(crate) delete: Statement,
    pub(crate) delete_by_user: Statement,
    /// The three columns, and the user's id once more: nothing is inserted if there is no such user.
    pub(crate) insert: Statement,
}

impl UserStatements {
    pub(crate) fn new(
        dialect: &'static dyn Dialect,
        user: &UserTable,
        key: &KeyTable,
        session: Option<&SessionTable>,
    ) -> Self {
        let UserTable { table, id, attributes, .. } = user;
        let by_id = |text: Writer| text.push(" FROM ").table(table).push(" WHERE ").is(table, id).finish();
        let usual = || std::iter::once(id).chain(usual(attributes));
        Self {
            dialect,
            get: by_id(
                Writer::new(dialect, "SELECT ").list(user.columns(), |text, column| text.selected(table, column)),
            ),
            exists: by_id(Writer::new(dialect, "SELECT 1")),
            delete: by_id(Writer::new(dialect, "DELETE")),
            insert: insert_columns(Writer::new(dialect, ""), table, usual()).finish(),
            insert_with_key: insert_with_key(dialect, user, usual(), key),
            delete_with_all: dialect.nests_writes().then(|| {
                let delete =
                    |text: Writer, table, id| text.push("DELETE FROM ").table(table).push(" WHERE ").is(table, id);
                let text = Writer::new(dialect, "WITH ");
                let text = match session {
                    Some(session) => delete(text.push("sessions AS ("), &session.table, &session.user_id).push("), "),
                    None => text,
                };
                let text = delete(text.push("keys AS ("), &key.table, &key.user_id).push(") ");
                delete(text, table, id).finish()
            }),
        }
    }

    /// Inserts a user: its id, then these attributes.
    pub(crate) fn insert(&self, user: &UserTable, attributes: &[&AttributeColumn]) -> Statement {
        if is_usual(&user.attributes, attributes) {
            return self.insert.clone();
        }
        let written = std::iter::once(&user.id).chain(columns(attributes));
        insert_columns(Writer::new(self.dialect, ""), &user.table, written).finish()
    }

    /// The same with the three columns of a key after the attributes, if the database can do that in one statement.
    pub(crate) fn insert_with_key(
        &self,
        user: &UserTable,
        attributes: &[&AttributeColumn],
        key: &KeyTable,
    ) -> Option<Statement> {
        if is_usual(&user.attributes, attributes) {
            return self.insert_with_key.clone();
        }
        insert_with_key(self.dialect, user, std::iter::once(&user.id).chain(columns(attributes)), key)
    }

    /// Sets these attributes of a user.
    pub(crate) fn update(&self, user: &UserTable, attributes: &[&AttributeColumn]) -> Statement {
        update(self.dialect, &user.table, columns(attributes), &user.id, None)
    }
}

impl KeyStatements {
    pub(crate) fn new(dialect: &'static dyn Dialect, key: &KeyTable, user: &UserTable) -> Self {
        let KeyTable { table, id, user_id, .. } = key;
        let by = |text: Writer, column| text.push(" FROM ").table(table).push(" WHERE ").is(table, column).finish();
        let select = || Writer::new(dialect, "SELECT ").list(own(key), |text, column| text.selected(table, column));
        Self {
            dialect,
            get: by(select(), id),
            get_by_user: by(select(), user_id),
            exists: by(Writer::new(dialect, "SELECT 1"), id),
            delete: by(Writer::new(dialect, "DELETE"), id),
            delete_by_user: by(Writer::new(dialect, "DELETE"), user_id),
            insert: insert_of_user(Writer::new(dialect, ""), table, own(key), user).finish(),
        }
    }

    /// Sets the id and the hash of a key (each if `true`), under the condition that the hash is as it should be.
    pub(crate) fn update(&self, key: &KeyTable, [id, hash]: [bool; 2], conditional: bool) -> Statement {
        let id = id.then_some(&key.id);
        let hash = hash.then_some(&key.hashed_password);
        let condition = conditional.then_some(&key.hashed_password);
        update(self.dialect, &key.table, id.into_iter().chain(hash), &key.id, condition)
    }
}

fn own(key: &KeyTable) -> [&Column; 3] {
    [&key.id, &key.user_id, &key.hashed_password]
}

/// The key is inserted of what the insert of the user returns: first the user, then the key, and either both or neither.
/// Foreign keys are checked when the whole statement is done.
fn insert_with_key<'a>(
    dialect: &'static dyn Dialect,
    user: &UserTable,
    written: impl IntoIterator<Item = &'a Column>,
    key: &KeyTable,
) -> Option<Statement> {
    if !dialect.nests_writes() {
        return None;
    }
    let text = insert_columns(Writer::new(dialect, "WITH inserted AS ("), &user.table, written);
    let text = text.push(" RETURNING 1) ");
    Some(insert_columns(text, &key.table, own(key)).push(" FROM inserted").finish())
}

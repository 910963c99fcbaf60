use super::{ById, DeleteUser, Insert, Update, rendered::Rendered, writer::Writer};
use crate::{
    dialects::Dialect,
    driver::{Query, Statement},
    tables::{KeyTable, SessionTable, TokenTable, UserTable},
};

/// The statements on users.
#[derive(Debug)]
pub(crate) struct UserStatements {
    dialect: &'static dyn Dialect,
    pub(crate) get: ById,
    pub(crate) exists: ById,
    pub(crate) delete: DeleteUser,
    insert: Rendered,
    insert_with_key: Option<Rendered>,
}

impl UserStatements {
    /// Renders the statements. With `session` and `token`, deleting a user deletes its sessions and tokens, too.
    pub(crate) fn new(
        dialect: &'static dyn Dialect,
        user: &UserTable,
        key: &KeyTable,
        session: Option<&SessionTable>,
        token: Option<&TokenTable>,
    ) -> Self {
        let UserTable { table, id, attributes, .. } = user;
        let insert = Insert::template(table, [id], attributes);
        let sessions = session.map(|session| ("sessions", session.owner(user)));
        let tokens = token.map(|token| ("tokens", token.owner(user)));
        let owned: Vec<_> = sessions.into_iter().chain(tokens).chain([("keys", key.owner(user))]).collect();
        Self {
            dialect,
            get: ById::new(Writer::new(dialect, "SELECT ").select(table, user.columns()), table, id),
            exists: ById::new(Writer::new(dialect, "SELECT 1"), table, id),
            delete: DeleteUser::new(dialect, user, &owned),
            insert: insert.rendered(|insert| insert.write(Writer::new(dialect, "")).finish()),
            insert_with_key: dialect.nests_writes().then(|| {
                insert.rendered(|insert| {
                    write_with_key(dialect, insert, &Insert::template(&key.table, key.columns(), &[]))
                })
            }),
        }
    }

    pub(crate) fn insert(&self, insert: Insert<'_>) -> Query {
        insert.query(&self.insert, |insert| insert.write(Writer::new(self.dialect, "")).finish())
    }

    /// Inserts a user and a key in one statement. Returns both inserts if the database does not support this.
    pub(crate) fn insert_with_key<'t>(
        &self,
        user: Insert<'t>,
        key: Insert<'t>,
    ) -> Result<Query, (Insert<'t>, Insert<'t>)> {
        let Some(rendered) = &self.insert_with_key else {
            return Err((user, key));
        };
        let mut query = user.query(rendered, |user| write_with_key(self.dialect, user, &key));
        query.parameters.extend(key.into_values());
        Ok(query)
    }

    pub(crate) fn update(&self, update: Update<'_>) -> Query {
        update.query(self.dialect, None)
    }
}

/// The insert of the key reads the result of the insert of the user, so the user is inserted first, and either both or
/// neither are inserted. Foreign keys are checked at the end of the whole statement.
fn write_with_key(dialect: &'static dyn Dialect, user: &Insert<'_>, key: &Insert<'_>) -> Statement {
    let text = user.write(Writer::new(dialect, "WITH inserted AS (")).push(" RETURNING 1) ");
    key.write(text).push(" FROM inserted").finish()
}

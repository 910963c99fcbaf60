use super::{ById, Insert, Update, rendered::Rendered, writer::Writer};
use crate::{
    dialects::{Dialect, Operand},
    driver::{Query, SqlValue, Statement},
    tables::{KeyTable, SessionTable, TokenTable, UserTable},
};

/// The statements on users.
#[derive(Debug)]
pub(crate) struct UserStatements {
    dialect: &'static dyn Dialect,
    pub(crate) get: ById,
    pub(crate) exists: ById,
    /// Deletes what belongs to the user, and the user last.
    delete: Vec<Statement>,
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
        Self {
            dialect,
            get: ById::new(Writer::new(dialect, "SELECT ").select(table, user.columns()), table, id),
            exists: ById::new(Writer::new(dialect, "SELECT 1"), table, id),
            delete: delete(dialect, user, key, session, token),
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

    /// Deletes a user with what belongs to it, whether or not the database cascades.
    pub(crate) fn delete(&self, id: &SqlValue) -> Vec<Query> {
        self.delete.iter().map(|statement| Query::of(statement.clone(), [id.clone()])).collect()
    }
}

/// The insert of the key reads the result of the insert of the user, so the user is inserted first, and either both or
/// neither are inserted. Foreign keys are checked at the end of the whole statement.
fn write_with_key(dialect: &'static dyn Dialect, user: &Insert<'_>, key: &Insert<'_>) -> Statement {
    let text = user.write(Writer::new(dialect, "WITH inserted AS (")).push(" RETURNING 1) ");
    key.write(text).push(" FROM inserted").finish()
}

/// Returns one statement if a write can be part of another, and several otherwise.
fn delete(
    dialect: &'static dyn Dialect,
    user: &UserTable,
    key: &KeyTable,
    session: Option<&SessionTable>,
    token: Option<&TokenTable>,
) -> Vec<Statement> {
    let sessions = session.map(|session| ("sessions", &session.table, &session.user_id));
    let tokens = token.map(|token| ("tokens", &token.table, &token.user_id));
    let parts = sessions.into_iter().chain(tokens).chain([("keys", &key.table, &key.user_id)]);
    let of_user = |text: Writer, table, column| {
        let text = text.push("DELETE FROM ").table(table).push(" WHERE ");
        text.same_id(Operand::Column(table, column), Operand::Parameter(1, column))
    };
    if dialect.nests_writes() {
        let text = Writer::new(dialect, "WITH ")
            .list(parts, |text, (name, table, column)| of_user(text.push(name).push(" AS ("), table, column).push(")"));
        return vec![of_user(text.push(" "), &user.table, &user.id).finish()];
    }
    let parts = parts.map(|(_, table, column)| (table, column)).chain([(&user.table, &user.id)]);
    parts.map(|(table, column)| of_user(Writer::new(dialect, ""), table, column).finish()).collect()
}

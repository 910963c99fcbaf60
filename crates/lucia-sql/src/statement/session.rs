use super::{
    write::{columns, insert_of_user, is_usual, joined, update, usual},
    writer::Writer,
};
use crate::{
    dialect::Dialect,
    driver::Statement,
    tables::{AttributeColumn, Column, SessionTable, UserTable},
};

/// Every statement about sessions, and the few that depend on what is written.
///
/// Parameters: the session's id, or the user's where the name says so.
#[derive(Debug)]
pub(crate) struct SessionStatements {
    dialect: &'static dyn Dialect,
    pub(crate) get: Statement,
    pub(crate) get_by_user: Statement,
    /// The columns of the session, then those of the user: all null if there is none.
    pub(crate) get_with_user: Statement,
    /// The same of [`READ_AT_ONCE`] sessions at most: their ids.
    pub(crate) get_several_with_user: Statement,
    pub(crate) exists: Statement,
    pub(crate) delete: Statement,
    pub(crate) delete_by_user: Statement,
    /// The user's id, and the id of the session to keep.
    pub(crate) delete_others: Statement,
    pub(crate) delete_orphan: Statement,
    pub(crate) purge: Purge,
    /// Both times, the id, and the end of the idle period as it must be.
    renew: Statement,
    insert: Statement,
    insert_and_get_user: Option<Statement>,
}

/// How expired sessions are deleted.
#[derive(Debug)]
pub(crate) enum Purge {
    /// A time, and how many to delete at most.
    AtOnce(Statement),
    /// To find the ids of some: a time, and how many to find at most. To delete those of them that are still expired: the
    /// time, and [`PURGED_AT_ONCE`] ids.
    ById { find: Statement, delete: Statement },
}

/// How many sessions are read by their ids in one statement.
pub(crate) const READ_AT_ONCE: usize = 4;

/// How many sessions are deleted by their ids in one statement: few enough to lock them for a moment only.
pub(crate) const PURGED_AT_ONCE: usize = 100;

impl Purge {
    fn new(dialect: &'static dyn Dialect, session: &SessionTable) -> Self {
        let SessionTable { table, id, idle_expires, .. } = session;
        let expired = |text: Writer| text.push(" WHERE ").compare(table, idle_expires, " < ");
        let find = |text: Writer| {
            let text = text.push("SELECT ").column(table, id).push(" FROM ").table(table);
            expired(text).push(" LIMIT ").number()
        };
        let Some(delete) = dialect.delete_by_id(session) else {
            let [before, after] = dialect.one_of();
            let text = Writer::new(dialect, "DELETE FROM ").table(table).push(" WHERE ").column(table, id);
            return Self::AtOnce(find(text.push(before)).push(after).finish());
        };
        let delete = expired(Writer::new(dialect, &delete)).push(" AND ").column(table, id).push(" IN (");
        let ids = std::iter::repeat_n(id, PURGED_AT_ONCE);
        Self::ById {
            find: find(Writer::new(dialect, "")).finish(),
            delete: delete.list(ids, Writer::parameter).push(")").finish(),
        }
    }
}

impl SessionStatements {
    pub(crate) fn new(dialect: &'static dyn Dialect, session: &SessionTable, user: &UserTable) -> Self {
        let SessionTable { table, id, user_id, active_expires, idle_expires, attributes, .. } = session;
        let from = |text: Writer| text.push(" FROM ").table(table);
        let by = |text: Writer, column| from(text).push(" WHERE ").is(table, column);
        let start = |start| Writer::new(dialect, start);
        let selected = |text: Writer| text.list(own(session), |text, column| text.selected(table, column));
        let with_user = || {
            let text = selected(start("SELECT ")).push(", ");
            let text = from(text.list(user.columns(), |text, column| text.selected(&user.table, column)));
            let text = text.push(" LEFT JOIN ").table(&user.table).push(" ON ");
            joined(text, (&user.table, &user.id), (table, user_id)).push(" WHERE ").is(table, id)
        };
        Self {
            dialect,
            get: by(selected(start("SELECT ")), id).finish(),
            get_by_user: by(selected(start("SELECT ")), user_id).finish(),
            get_with_user: with_user().finish(),
            get_several_with_user: (1..READ_AT_ONCE)
                .fold(with_user(), |text, _| text.push(" OR ").is(table, id))
                .finish(),
            exists: by(start("SELECT 1"), id).finish(),
            delete: by(start("DELETE"), id).finish(),
            delete_by_user: by(start("DELETE"), user_id).finish(),
            delete_others: by(start("DELETE"), user_id).push(" AND NOT (").is(table, id).push(")").finish(),
            delete_orphan: {
                let text = by(start("DELETE"), id).push(" AND NOT EXISTS (SELECT 1 FROM ").table(&user.table);
                // A user whom a foreign key takes for this one is enough: the session is not ours to delete.
                let text = text.push(" WHERE ").column(&user.table, &user.id).push(" = ").column(table, user_id);
                text.push(")").finish()
            },
            purge: Purge::new(dialect, session),
            renew: update(dialect, table, [active_expires, idle_expires], id, Some(idle_expires)),
            insert: insert_of_user(start(""), table, fields(session).chain(usual(attributes)), user).finish(),
            insert_and_get_user: insert_and_get_user(dialect, session, usual(attributes), user),
        }
    }

    /// Inserts a session: its four fields, these attributes, and the user's id once more. Nothing is inserted if there is
    /// no such user.
    pub(crate) fn insert(
        &self,
        session: &SessionTable,
        user: &UserTable,
        attributes: &[&AttributeColumn],
    ) -> Statement {
        if is_usual(&session.attributes, attributes) {
            return self.insert.clone();
        }
        let written = fields(session).chain(columns(attributes));
        insert_of_user(Writer::new(self.dialect, ""), &session.table, written, user).finish()
    }

    /// The same with the user's id a third time, to return the columns of the user, if the database can do that in one
    /// statement.
    pub(crate) fn insert_and_get_user(
        &self,
        session: &SessionTable,
        user: &UserTable,
        attributes: &[&AttributeColumn],
    ) -> Option<Statement> {
        if is_usual(&session.attributes, attributes) {
            return self.insert_and_get_user.clone();
        }
        insert_and_get_user(self.dialect, session, columns(attributes), user)
    }

    /// Sets the id, both times (each if `true`) and these attributes of a session, under the condition that the idle period
    /// ends when it should if `conditional`.
    pub(crate) fn update(
        &self,
        session: &SessionTable,
        [id, active, idle]: [bool; 3],
        attributes: &[&AttributeColumn],
        conditional: bool,
    ) -> Statement {
        if conditional && !id && active && idle && attributes.is_empty() {
            return self.renew.clone();
        }
        let id = id.then_some(&session.id);
        let active = active.then_some(&session.active_expires);
        let idle = idle.then_some(&session.idle_expires);
        let written = id.into_iter().chain(active).chain(idle).chain(columns(attributes));
        update(self.dialect, &session.table, written, &session.id, conditional.then_some(&session.idle_expires))
    }
}

/// One snapshot for the insert and the user. Only a foreign key keeps that user from being deleted at the same time.
fn insert_and_get_user<'a>(
    dialect: &'static dyn Dialect,
    session: &'a SessionTable,
    attributes: impl Iterator<Item = &'a Column>,
    user: &UserTable,
) -> Option<Statement> {
    if !dialect.nests_writes() || !session.references_users() {
        return None;
    }
    let text = Writer::new(dialect, "WITH inserted AS (");
    let text =
        insert_of_user(text, &session.table, fields(session).chain(attributes), user).push(" RETURNING 1) SELECT ");
    let text = text.list(user.columns(), |text, column| text.selected(&user.table, column));
    let text = text.push(" FROM inserted, ").table(&user.table).push(" WHERE ").is(&user.table, &user.id);
    Some(text.finish())
}

fn fields(session: &SessionTable) -> impl Iterator<Item = &Column> {
    [&session.id, &session.user_id, &session.active_expires, &session.idle_expires].into_iter()
}

fn own(session: &SessionTable) -> impl Iterator<Item = &Column> {
    fields(session).chain(session.attributes.iter().map(|attribute| &attribute.column))
}

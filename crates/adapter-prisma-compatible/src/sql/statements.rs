use std::sync::Arc;

use super::text::{Target, Text};
use crate::{
    config::AttributeType::{BigInt, String as Str},
    dialect::Dialect,
    schema::{Column, Ident, KeyTable, Schema, SessionTable, UserTable},
};

/// Every statement of the adapter, and the few that depend on what is written.
#[derive(Debug)]
pub(crate) struct Statements {
    dialect: &'static dyn Dialect,
    pub(crate) user: UserStatements,
    pub(crate) session: SessionStatements,
    pub(crate) key: KeyStatements,
}

/// Parameters: the user's id.
#[derive(Debug)]
pub(crate) struct UserStatements {
    pub(crate) get: Arc<str>,
    pub(crate) exists: Arc<str>,
    pub(crate) delete: Arc<str>,
    insert: Arc<str>,
}

/// Parameters: the session's id, or the user's where the name says so.
#[derive(Debug)]
pub(crate) struct SessionStatements {
    pub(crate) get: Arc<str>,
    pub(crate) get_by_user: Arc<str>,
    /// The columns of the session, then those of the user: all null if there is none.
    pub(crate) get_with_user: Arc<str>,
    pub(crate) exists: Arc<str>,
    pub(crate) delete: Arc<str>,
    pub(crate) delete_by_user: Arc<str>,
    /// The user's id, and the id of the session to keep.
    pub(crate) delete_others: Arc<str>,
    pub(crate) delete_orphan: Arc<str>,
    /// A time, and how many to delete at most.
    pub(crate) delete_expired: Arc<str>,
    /// Both times, the id, and the end of the idle period as it must be.
    renew: Arc<str>,
    insert: Arc<str>,
}

/// Parameters: the key's id, or the user's where the name says so.
#[derive(Debug)]
pub(crate) struct KeyStatements {
    pub(crate) get: Arc<str>,
    pub(crate) get_by_user: Arc<str>,
    pub(crate) exists: Arc<str>,
    pub(crate) delete: Arc<str>,
    pub(crate) delete_by_user: Arc<str>,
    /// The three columns, and the user's id once more: nothing is inserted if there is no such user.
    pub(crate) insert: Arc<str>,
}

impl Statements {
    pub(crate) fn new(dialect: &'static dyn Dialect, schema: &Schema) -> Self {
        let Schema { user, session, key } = schema;
        Self {
            dialect,
            user: UserStatements::new(dialect, user),
            session: SessionStatements::new(dialect, session, user),
            key: KeyStatements::new(dialect, key, user),
        }
    }

    /// Inserts a user: its id, then these attributes.
    pub(crate) fn insert_user(&self, table: &UserTable, attributes: &[&Column]) -> Arc<str> {
        if is_usual(&table.attributes, attributes) {
            return Arc::clone(&self.user.insert);
        }
        insert(self.dialect, &table.table, user_targets(table, attributes.iter().copied()), None)
    }

    /// Inserts a session: its four fields, these attributes, and the user's id once more. Nothing is inserted if there is
    /// no such user.
    pub(crate) fn insert_session(&self, table: &SessionTable, user: &UserTable, attributes: &[&Column]) -> Arc<str> {
        if is_usual(&table.attributes, attributes) {
            return Arc::clone(&self.session.insert);
        }
        insert(self.dialect, &table.table, session_targets(table, attributes.iter().copied()), Some(user))
    }

    /// Sets these attributes of a user.
    pub(crate) fn update_user(&self, table: &UserTable, attributes: &[&Column]) -> Arc<str> {
        update(self.dialect, &table.table, attributes.iter().map(|column| Target::from(*column)), &table.id, None)
    }

    /// Sets the id, both times (each if `true`) and these attributes of a session, under the condition that the idle period
    /// ends when it should if `conditional`.
    pub(crate) fn update_session(
        &self,
        table: &SessionTable,
        [id, active, idle]: [bool; 3],
        attributes: &[&Column],
        conditional: bool,
    ) -> Arc<str> {
        if conditional && !id && active && idle && attributes.is_empty() {
            return Arc::clone(&self.session.renew);
        }
        let id = id.then_some(Target(&table.id, Str));
        let active = active.then_some(Target(&table.active_expires, BigInt));
        let idle = idle.then_some(Target(&table.idle_expires, BigInt));
        let targets = id.into_iter().chain(active).chain(idle);
        let targets = targets.chain(attributes.iter().map(|column| Target::from(*column)));
        let condition = conditional.then_some(Target(&table.idle_expires, BigInt));
        update(self.dialect, &table.table, targets, &table.id, condition)
    }

    /// Sets the id and the hash of a key (each if `true`), under the condition that the hash is as it should be.
    pub(crate) fn update_key(&self, table: &KeyTable, [id, hash]: [bool; 2], conditional: bool) -> Arc<str> {
        let id = id.then_some(Target(&table.id, Str));
        let hash = hash.then_some(Target(&table.hashed_password, Str));
        let condition = conditional.then_some(Target(&table.hashed_password, Str));
        update(self.dialect, &table.table, id.into_iter().chain(hash), &table.id, condition)
    }
}

impl UserStatements {
    fn new(dialect: &'static dyn Dialect, user: &UserTable) -> Self {
        let UserTable { table, id, attributes } = user;
        let by_id =
            |text: Text| text.push(" FROM ").name(table).push(" WHERE ").compare(table, id, " = ", Str).finish();
        Self {
            get: by_id(
                Text::new(dialect, "SELECT ").list(user_columns(user), |text, column| text.column(table, column)),
            ),
            exists: by_id(Text::new(dialect, "SELECT 1")),
            delete: by_id(Text::new(dialect, "DELETE")),
            insert: insert(dialect, table, user_targets(user, usual(attributes)), None),
        }
    }
}

impl SessionStatements {
    fn new(dialect: &'static dyn Dialect, session: &SessionTable, user: &UserTable) -> Self {
        let SessionTable { table, id, user_id, active_expires, idle_expires, attributes } = session;
        let from = |text: Text| text.push(" FROM ").name(table);
        let by = |text: Text, column| from(text).push(" WHERE ").compare(table, column, " = ", Str);
        let start = |start| Text::new(dialect, start);
        let columns = |text: Text| text.list(session_columns(session), |text, column| text.column(table, column));
        let times = [Target(active_expires, BigInt), Target(idle_expires, BigInt)];
        Self {
            get: by(columns(start("SELECT ")), id).finish(),
            get_by_user: by(columns(start("SELECT ")), user_id).finish(),
            get_with_user: from(
                columns(start("SELECT "))
                    .push(", ")
                    .list(user_columns(user), |text, column| text.column(&user.table, column)),
            )
            .push(" LEFT JOIN ")
            .name(&user.table)
            .push(" ON ")
            .column(&user.table, &user.id)
            .push(" = ")
            .column(table, user_id)
            .push(" WHERE ")
            .compare(table, id, " = ", Str)
            .finish(),
            exists: by(start("SELECT 1"), id).finish(),
            delete: by(start("DELETE"), id).finish(),
            delete_by_user: by(start("DELETE"), user_id).finish(),
            delete_others: by(start("DELETE"), user_id).push(" AND ").compare(table, id, " <> ", Str).finish(),
            delete_orphan: by(start("DELETE"), id)
                .push(" AND NOT EXISTS (SELECT 1 FROM ")
                .name(&user.table)
                .push(" WHERE ")
                .column(&user.table, &user.id)
                .push(" = ")
                .column(table, user_id)
                .push(")")
                .finish(),
            delete_expired: from(start("DELETE"))
                .push(" WHERE ")
                .column(table, id)
                .push(" IN (SELECT ")
                .column(table, id)
                .push(" FROM ")
                .name(table)
                .push(" WHERE ")
                .compare(table, idle_expires, " < ", BigInt)
                .push(" LIMIT ")
                .parameter(BigInt)
                .push(")")
                .finish(),
            renew: update(dialect, table, times, id, Some(Target(idle_expires, BigInt))),
            insert: insert(dialect, table, session_targets(session, usual(attributes)), Some(user)),
        }
    }
}

impl KeyStatements {
    fn new(dialect: &'static dyn Dialect, key: &KeyTable, user: &UserTable) -> Self {
        let KeyTable { table, id, user_id, hashed_password } = key;
        let columns = [id, user_id, hashed_password];
        let by = |text: Text, column| {
            text.push(" FROM ").name(table).push(" WHERE ").compare(table, column, " = ", Str).finish()
        };
        let select = || Text::new(dialect, "SELECT ").list(columns, |text, column| text.column(table, column));
        Self {
            get: by(select(), id),
            get_by_user: by(select(), user_id),
            exists: by(Text::new(dialect, "SELECT 1"), id),
            delete: by(Text::new(dialect, "DELETE"), id),
            delete_by_user: by(Text::new(dialect, "DELETE"), user_id),
            insert: insert(dialect, table, columns.map(|column| Target(column, Str)), Some(user)),
        }
    }
}

/// The attributes of an insert for which the statement is ready.
fn usual(columns: &[Column]) -> impl Iterator<Item = &Column> {
    columns.iter().filter(|column| column.is_always_written())
}

fn is_usual(columns: &[Column], written: &[&Column]) -> bool {
    usual(columns).count() == written.len() && written.iter().all(|column| column.is_always_written())
}

fn user_columns(user: &UserTable) -> impl Iterator<Item = &Ident> {
    std::iter::once(&user.id).chain(user.attributes.iter().map(|column| &column.ident))
}

fn session_columns(session: &SessionTable) -> impl Iterator<Item = &Ident> {
    let SessionTable { id, user_id, active_expires, idle_expires, attributes, .. } = session;
    let own = [id, user_id, active_expires, idle_expires];
    own.into_iter().chain(attributes.iter().map(|column| &column.ident))
}

fn user_targets<'a>(
    user: &'a UserTable,
    attributes: impl Iterator<Item = &'a Column>,
) -> impl Iterator<Item = Target<'a>> {
    std::iter::once(Target(&user.id, Str)).chain(attributes.map(Target::from))
}

fn session_targets<'a>(
    session: &'a SessionTable,
    attributes: impl Iterator<Item = &'a Column>,
) -> impl Iterator<Item = Target<'a>> {
    let SessionTable { id, user_id, active_expires, idle_expires, .. } = session;
    let own = [Target(id, Str), Target(user_id, Str), Target(active_expires, BigInt), Target(idle_expires, BigInt)];
    own.into_iter().chain(attributes.map(Target::from))
}

/// An insert; with `owner`, one that inserts nothing unless there is a user with the id in the last parameter.
fn insert<'a>(
    dialect: &'static dyn Dialect,
    table: &Ident,
    targets: impl IntoIterator<Item = Target<'a>>,
    owner: Option<&UserTable>,
) -> Arc<str> {
    let targets: Vec<_> = targets.into_iter().collect();
    let text = Text::new(dialect, "INSERT INTO ").name(table).push(" (");
    let text = text.list(&targets, |text, target| text.name(target.0)).push(") SELECT ");
    let text = text.list(&targets, |text, target| text.parameter(target.1));
    match owner {
        None => text.finish(),
        Some(UserTable { table, id, .. }) => text
            .push(" WHERE EXISTS (SELECT 1 FROM ")
            .name(table)
            .push(" WHERE ")
            .compare(table, id, " = ", Str)
            .push(")")
            .finish(),
    }
}

/// An update of the row with an id, if the condition is met.
fn update<'a>(
    dialect: &'static dyn Dialect,
    table: &Ident,
    targets: impl IntoIterator<Item = Target<'a>>,
    id: &Ident,
    condition: Option<Target<'_>>,
) -> Arc<str> {
    let text = Text::new(dialect, "UPDATE ").name(table).push(" SET ");
    let text = text.list(targets, |text, target| text.name(target.0).push(" = ").parameter(target.1));
    let text = text.push(" WHERE ").compare(table, id, " = ", Str);
    match condition {
        None => text.finish(),
        Some(Target(column, kind)) => text.push(" AND ").compare(table, column, " = ", kind).finish(),
    }
}

use super::{ById, DeleteExpired, DeleteOldest, Insert, Scan, Update, rendered::Rendered, writer::Writer};
use crate::{
    dialects::{Dialect, Operand},
    driver::{Query, SqlValue, Statement},
    tables::{Owner, SessionTable, UserTable},
};

/// The statements on sessions.
#[derive(Debug)]
pub(crate) struct SessionStatements {
    dialect: &'static dyn Dialect,
    pub(crate) get: ById,
    get_several: Statement,
    get_first: Statement,
    pub(crate) get_by_user: ById,
    /// Reads the columns of a session and of its user. The latter are null if the user does not exist.
    pub(crate) get_with_user: ById,
    get_several_with_users: Statement,
    get_first_with_user: Statement,
    pub(crate) exists: ById,
    pub(crate) delete: ById,
    pub(crate) delete_by_user: ById,
    delete_others: Statement,
    /// Deletes a session if its user does not exist.
    pub(crate) delete_orphan: ById,
    pub(crate) delete_oldest: DeleteOldest,
    pub(crate) expired: DeleteExpired,
    pub(crate) scan: Scan,
    renew: Rendered,
    insert: Rendered,
    insert_and_get_user: Option<Rendered>,
}

impl SessionStatements {
    /// The number of sessions that one statement reads by their ids.
    pub(crate) const READ_BATCH: usize = 4;

    pub(crate) fn new(dialect: &'static dyn Dialect, session: &SessionTable, user: &UserTable) -> Self {
        let SessionTable { table, id, user_id, active_expires, idle_expires, attributes, constraints, .. } = session;
        let start = |start| Writer::new(dialect, start);
        let select = |text: Writer| text.push("SELECT ").select(table, session.columns());
        let alone = |text| select(text).push(" FROM ").table(table).push(" WHERE ");
        let with_user = |text| {
            let text = select(text).push(", ").select(&user.table, user.columns()).push(" FROM ").table(table);
            let text = text.push(" LEFT JOIN ").table(&user.table).push(" ON ");
            let text = text.same_id(Operand::Column(&user.table, &user.id), Operand::Column(table, user_id));
            text.push(" WHERE ")
        };
        let by_id = |text: Writer| ById::of(text.is(table, id));
        let several = |text: Writer| {
            let text = text.is(table, id);
            (1..Self::READ_BATCH).fold(text, |text, _| text.push(" OR ").is(table, id)).finish()
        };
        // Each half is one look-up by the index. With `OR` and an order, databases sort, or plan again for each value.
        let first = |of: &dyn Fn(Writer) -> Writer| {
            let text = of(of(start("")).is(table, id).push(" UNION ALL ")).is(table, id);
            let text = text.push(" AND NOT EXISTS (SELECT 1 FROM ").table(table).push(" WHERE ");
            text.same_id(Operand::Column(table, id), Operand::Parameter(1, id)).push(")").finish()
        };
        let insert = Insert::template(table, session.fields(), attributes);
        Self {
            dialect,
            get: by_id(alone(start(""))),
            get_several: several(alone(start(""))),
            get_first: first(&alone),
            get_by_user: ById::of(alone(start("")).is(table, user_id)),
            get_with_user: by_id(with_user(start(""))),
            get_several_with_users: several(with_user(start(""))),
            get_first_with_user: first(&with_user),
            exists: ById::new(start("SELECT 1"), table, id),
            delete: ById::new(start("DELETE"), table, id),
            delete_by_user: ById::new(start("DELETE"), table, user_id),
            delete_others: {
                let text = start("DELETE").rows(table, user_id);
                text.push(" AND NOT (").is(table, id).push(")").finish()
            },
            delete_orphan: {
                let text = start("DELETE").rows(table, id).push(" AND NOT EXISTS (SELECT 1 FROM ");
                // Compares like a foreign key: a session whose user exists by the database's comparison must not be
                // deleted.
                let text = text.table(&user.table).push(" WHERE ").column(&user.table, &user.id).push(" = ");
                ById::of(text.column(table, user_id).push(")"))
            },
            delete_oldest: DeleteOldest::new(dialect, session),
            expired: DeleteExpired::new(dialect, table, id, idle_expires, constraints),
            scan: Scan::new(dialect, table, id),
            renew: Update::of(table, id, SqlValue::Null)
                .set(active_expires, SqlValue::Null)
                .set(idle_expires, SqlValue::Null)
                .expect(idle_expires, SqlValue::Null)
                .rendered(dialect),
            insert: insert.rendered(|insert| write(dialect, insert, session.owner(user))),
            insert_and_get_user: (dialect.returns_queries() || dialect.nests_writes())
                .then(|| insert.rendered(|insert| write_and_get_user(dialect, insert, session.owner(user)))),
        }
    }

    /// Reads from 1 to [`READ_BATCH`](Self::READ_BATCH) sessions.
    pub(crate) fn get_several(&self, ids: &[SqlValue]) -> Query {
        Query::of(self.get_several.clone(), read_batch(ids))
    }

    /// Reads from 1 to [`READ_BATCH`](Self::READ_BATCH) sessions with their users.
    pub(crate) fn get_several_with_users(&self, ids: &[SqlValue]) -> Query {
        Query::of(self.get_several_with_users.clone(), read_batch(ids))
    }

    /// Reads the first of two sessions that exists.
    pub(crate) fn get_first(&self, first: SqlValue, second: SqlValue) -> Query {
        Query::of(self.get_first.clone(), [first, second])
    }

    /// Reads the first of two sessions that exists, with its user.
    pub(crate) fn get_first_with_user(&self, first: SqlValue, second: SqlValue) -> Query {
        Query::of(self.get_first_with_user.clone(), [first, second])
    }

    pub(crate) fn delete_others(&self, user_id: SqlValue, keep: SqlValue) -> Query {
        Query::of(self.delete_others.clone(), [user_id, keep])
    }

    /// Inserts a session if its user exists.
    pub(crate) fn insert(&self, insert: Insert<'_>, owner: Owner<'_>) -> Query {
        insert.query(&self.insert, |insert| write(self.dialect, insert, owner))
    }

    /// Inserts a session if its user exists, and reads the user in the same statement. Returns the insert if the
    /// database does not support this.
    pub(crate) fn insert_and_get_user<'t>(&self, insert: Insert<'t>, owner: Owner<'_>) -> Result<Query, Insert<'t>> {
        match &self.insert_and_get_user {
            Some(rendered) => Ok(insert.query(rendered, |insert| write_and_get_user(self.dialect, insert, owner))),
            None => Err(insert),
        }
    }

    pub(crate) fn update(&self, update: Update<'_>) -> Query {
        update.query(self.dialect, Some(&self.renew))
    }
}

/// Fills the fixed number of parameters: the last id is repeated.
fn read_batch(ids: &[SqlValue]) -> Vec<SqlValue> {
    ids.iter().chain(ids.last().into_iter().cycle()).take(SessionStatements::READ_BATCH).cloned().collect()
}

fn write(dialect: &'static dyn Dialect, insert: &Insert<'_>, owner: Owner<'_>) -> Statement {
    insert.write_owned(Writer::new(dialect, ""), owner).finish()
}

/// The insert and the user are from the same snapshot.
fn write_and_get_user(dialect: &'static dyn Dialect, insert: &Insert<'_>, owner: Owner<'_>) -> Statement {
    let user = owner.users;
    if dialect.returns_queries() {
        let text = insert.write_owned(Writer::new(dialect, ""), owner).push(" RETURNING ");
        let select = |text: Writer, column| {
            let text = text.push("(SELECT ").selected(&user.table, column).push(" FROM ").table(&user.table);
            insert.write_is_owner(text.push(" WHERE "), owner).push(")")
        };
        return text.list(user.columns(), select).finish();
    }
    let text = insert.write_owned(Writer::new(dialect, "WITH inserted AS ("), owner).push(" RETURNING 1) SELECT ");
    let text = text.select(&user.table, user.columns()).push(" FROM inserted, ").table(&user.table).push(" WHERE ");
    insert.write_is_owner(text, owner).finish()
}

use super::{Insert, Update, rendered::Rendered, writer::Writer};
use crate::{
    dialects::Dialect,
    driver::{Query, SqlValue, Statement},
    tables::{KeyTable, UserTable},
};

/// The statements on keys.
#[derive(Debug)]
pub(crate) struct KeyStatements {
    dialect: &'static dyn Dialect,
    get: Statement,
    get_by_user: Statement,
    exists: Statement,
    delete: Statement,
    delete_by_user: Statement,
    insert: Rendered,
}

impl KeyStatements {
    pub(crate) fn new(dialect: &'static dyn Dialect, key: &KeyTable, user: &UserTable) -> Self {
        let KeyTable { table, id, user_id, .. } = key;
        let by = |text: Writer, column| text.push(" FROM ").table(table).push(" WHERE ").is(table, column).finish();
        let select =
            || Writer::new(dialect, "SELECT ").list(key.columns(), |text, column| text.selected(table, column));
        Self {
            dialect,
            get: by(select(), id),
            get_by_user: by(select(), user_id),
            exists: by(Writer::new(dialect, "SELECT 1"), id),
            delete: by(Writer::new(dialect, "DELETE"), id),
            delete_by_user: by(Writer::new(dialect, "DELETE"), user_id),
            insert: Insert::template(table, key.columns(), &[])
                .rendered(|insert| insert.write_owned(Writer::new(dialect, ""), user_id, user).finish()),
        }
    }

    pub(crate) fn get(&self, id: SqlValue) -> Query {
        Query::of(self.get.clone(), [id])
    }

    pub(crate) fn get_by_user(&self, user_id: SqlValue) -> Query {
        Query::of(self.get_by_user.clone(), [user_id])
    }

    pub(crate) fn exists(&self, id: SqlValue) -> Query {
        Query::of(self.exists.clone(), [id])
    }

    pub(crate) fn delete(&self, id: SqlValue) -> Query {
        Query::of(self.delete.clone(), [id])
    }

    pub(crate) fn delete_by_user(&self, user_id: SqlValue) -> Query {
        Query::of(self.delete_by_user.clone(), [user_id])
    }

    /// Inserts a key if its user exists.
    pub(crate) fn insert(&self, insert: Insert<'_>, key: &KeyTable, user: &UserTable) -> Query {
        insert.query(&self.insert, |insert| {
            insert.write_owned(Writer::new(self.dialect, ""), &key.user_id, user).finish()
        })
    }

    pub(crate) fn update(&self, update: Update<'_>) -> Query {
        update.query(self.dialect, None)
    }
}

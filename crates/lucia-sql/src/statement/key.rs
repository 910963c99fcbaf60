use super::{ById, Insert, Update, rendered::Rendered, writer::Writer};
use crate::{
    dialects::Dialect,
    driver::Query,
    tables::{KeyTable, UserTable},
};

/// The statements on keys.
#[derive(Debug)]
pub(crate) struct KeyStatements {
    dialect: &'static dyn Dialect,
    pub(crate) get: ById,
    pub(crate) get_by_user: ById,
    pub(crate) exists: ById,
    pub(crate) delete: ById,
    pub(crate) delete_by_user: ById,
    insert: Rendered,
}

impl KeyStatements {
    pub(crate) fn new(dialect: &'static dyn Dialect, key: &KeyTable, user: &UserTable) -> Self {
        let KeyTable { table, id, user_id, .. } = key;
        let start = |start| Writer::new(dialect, start);
        let select = || start("SELECT ").select(table, key.columns());
        Self {
            dialect,
            get: ById::new(select(), table, id),
            get_by_user: ById::new(select(), table, user_id),
            exists: ById::new(start("SELECT 1"), table, id),
            delete: ById::new(start("DELETE"), table, id),
            delete_by_user: ById::new(start("DELETE"), table, user_id),
            insert: Insert::template(table, key.columns(), &[])
                .rendered(|insert| insert.write_owned(start(""), key.owner(user)).finish()),
        }
    }

    /// Inserts a key if its user exists.
    pub(crate) fn insert(&self, insert: Insert<'_>, key: &KeyTable, user: &UserTable) -> Query {
        insert.query(&self.insert, |insert| insert.write_owned(Writer::new(self.dialect, ""), key.owner(user)).finish())
    }

    pub(crate) fn update(&self, update: Update<'_>) -> Query {
        update.query(self.dialect, None)
    }
}

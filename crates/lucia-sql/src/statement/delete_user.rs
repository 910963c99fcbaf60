use super::writer::Writer;
use crate::{
    dialects::{Dialect, Operand},
    driver::{Query, SqlValue, Statement},
    tables::{Column, Ident, Owner, UserTable},
};

/// The statements that delete a user with what belongs to it, whether or not the database cascades. They run in one
/// transaction.
///
/// Rows with a foreign key are deleted before the user. Rows without one are deleted after the user is locked, so that the
/// last insert with [`lock_against_deletion`](Dialect::lock_against_deletion) has been committed. If the user does not
/// exist, its rows are deleted, too, but not if another call stores the user meanwhile.
#[derive(Debug)]
pub(crate) struct DeleteUser {
    /// A statement without parameters, which runs first.
    isolation: Option<Statement>,
    statements: Vec<Statement>,
}

impl DeleteUser {
    /// Renders the statements. The tables of what belongs to the user are given with a name for each.
    pub(super) fn new(dialect: &'static dyn Dialect, user: &UserTable, owned: &[(&str, Owner<'_>)]) -> Self {
        let is_safe = |owner: &Owner<'_>| owner.is_referenced || dialect.lock_against_deletion().is_none();
        let (safe, loose): (Vec<_>, Vec<_>) = owned.iter().copied().partition(|(_, owner)| is_safe(owner));
        if dialect.nests_writes() {
            let with_user = nested(dialect, &safe, delete, |text| text.delete(&user.table, &user.id));
            let Some((&(_, last), others)) = loose.split_last() else {
                return Self { isolation: None, statements: vec![with_user] };
            };
            let orphans = nested(dialect, others, delete_orphans, |text| delete_orphans(text, last));
            // The second statement must see what was committed while the first one waited.
            let isolation = Writer::new(dialect, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED").finish();
            return Self { isolation: Some(isolation), statements: vec![with_user, orphans] };
        }
        let start = || Writer::new(dialect, "");
        let mut statements: Vec<_> = safe.iter().map(|(_, owner)| delete(start(), *owner).finish()).collect();
        statements.push(if loose.is_empty() {
            start().delete(&user.table, &user.id).finish()
        } else {
            joined(dialect, user, &loose)
        });
        statements.extend(loose.iter().map(|(_, owner)| delete_each_orphan(start(), *owner).finish()));
        Self { isolation: None, statements }
    }

    pub(crate) fn queries(&self, id: &SqlValue) -> Vec<Query> {
        let isolation = self.isolation.iter().map(|statement| Query::of(statement.clone(), []));
        let deletions = self.statements.iter().map(|statement| Query::of(statement.clone(), [id.clone()]));
        isolation.chain(deletions).collect()
    }
}

impl Writer {
    /// Appends the deletion of the rows with a user id, which is the first parameter.
    fn delete(self, table: &Ident, column: &Column) -> Self {
        let text = self.push("DELETE FROM ").table(table).push(" WHERE ");
        text.same_id(Operand::Column(table, column), Operand::Parameter(1, column))
    }
}

/// Writes one statement, of which each deletion is a part. All parts see the same snapshot.
fn nested(
    dialect: &'static dyn Dialect,
    parts: &[(&str, Owner<'_>)],
    delete: impl Fn(Writer, Owner<'_>) -> Writer,
    last: impl FnOnce(Writer) -> Writer,
) -> Statement {
    if parts.is_empty() {
        return last(Writer::new(dialect, "")).finish();
    }
    let text = Writer::new(dialect, "WITH ");
    let text = text.list(parts, |text, (name, owner)| delete(text.push(name).push(" AS ("), *owner).push(")"));
    last(text.push(" ")).finish()
}

fn delete(text: Writer, owner: Owner<'_>) -> Writer {
    text.delete(owner.table, owner.column)
}

/// Deletes the rows if the user does not exist in the snapshot of the statement.
fn delete_orphans(text: Writer, owner: Owner<'_>) -> Writer {
    let UserTable { table, id, .. } = owner.users;
    let text = delete(text, owner).push(" AND NOT EXISTS (SELECT 1 FROM ").table(table).push(" WHERE ");
    text.same_id(Operand::Column(table, id), Operand::Parameter(1, id)).push(")")
}

/// Deletes the rows whose user does not exist when the row is locked. The user of a row that was committed before is
/// committed, too.
///
/// A `NOT EXISTS` would be evaluated once, before the rows are locked. At `READ COMMITTED`, the user may be stored in
/// between. The column of the row makes the subquery run for each row. It is not compared with the user's, because the two
/// may have collations that cannot be compared.
fn delete_each_orphan(text: Writer, owner: Owner<'_>) -> Writer {
    let UserTable { table, id, .. } = owner.users;
    let text = delete(text, owner).push(" AND (SELECT count(*) FROM ").table(table).push(" WHERE ");
    let text = text.same_id_at_execution(table, id, 1).push(" AND CHAR_LENGTH(");
    text.column(owner.table, owner.column).push(") >= 0) = 0")
}

/// Writes one statement that deletes the user and its rows. It locks the user first, and reads the current rows.
///
/// Each row of `lucia_part` joins one table only, so that the numbers of rows are added and not multiplied.
fn joined(dialect: &'static dyn Dialect, user: &UserTable, owned: &[(&str, Owner<'_>)]) -> Statement {
    let tables = owned.iter().map(|(_, owner)| owner.table);
    let text = Writer::new(dialect, "DELETE ").list([&user.table].into_iter().chain(tables), Writer::table);
    let text = text.push(" FROM ").table(&user.table).push(" LEFT JOIN (");
    let text = owned.iter().enumerate().fold(text, |text, (index, (name, _))| {
        text.push(if index == 0 { "SELECT '" } else { " UNION ALL SELECT '" }).push(name).push("' AS name")
    });
    let text = owned.iter().fold(text.push(") AS lucia_part ON TRUE"), |text, (name, owner)| {
        let text =
            text.push(" LEFT JOIN ").table(owner.table).push(" ON lucia_part.name = '").push(name).push("' AND ");
        text.same_id(Operand::Column(owner.table, owner.column), Operand::Parameter(1, owner.column))
    });
    let text = text.push(" WHERE ");
    text.same_id(Operand::Column(&user.table, &user.id), Operand::Parameter(1, &user.id)).finish()
}

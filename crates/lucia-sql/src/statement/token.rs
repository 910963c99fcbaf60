use super::{ById, DeleteExpired, Insert, writer::Writer};
use crate::{
    dialects::{Dialect, Operand, Returning},
    driver::{Query, SqlValue, Statement},
    tables::{TokenTable, UserTable},
};

/// The statements on tokens. Counters are rows of a kind of their own.
#[derive(Debug)]
pub(crate) struct TokenStatements {
    returning: Returning,
    get: Statement,
    insert: Statement,
    /// Inserts a token if its user exists.
    insert_owned: Option<Statement>,
    /// Deletes a token and returns it, or deletes it if it has not changed.
    take: Statement,
    pub(crate) delete_by_user: ById,
    delete_by_user_and_kind: Statement,
    pub(crate) expired: DeleteExpired,
    add: Statement,
    subtract: Statement,
    count: Statement,
}

/// A write that returns rows, or one whose row is read in the same transaction.
#[derive(Debug)]
pub(crate) enum Returned {
    Directly(Query),
    ByQuery([Query; 2]),
}

impl TokenStatements {
    pub(crate) fn new(
        dialect: &'static dyn Dialect,
        returning: Returning,
        token: &TokenTable,
        user: Option<&UserTable>,
    ) -> Self {
        let TokenTable { table, id, kind, user_id, data, expires, constraints, .. } = token;
        let start = |start| Writer::new(dialect, start);
        let of_kind = |text: Writer| text.push(" AND ").is(table, kind);
        let read = |text: Writer| text.select(table, [user_id, data, expires]);
        let row = |text: Writer| of_kind(text.rows(table, id));
        let insert = Insert::template(table, token.columns(), &[]);
        Self {
            returning,
            get: row(read(start("SELECT "))).finish(),
            insert: insert.write(start("")).finish(),
            insert_owned: user.map(|user| insert.write_owned(start(""), token.owner(user)).finish()),
            take: match returning {
                Returning::Nothing => unchanged(row(start("DELETE")), token).finish(),
                _ => read(row(start("DELETE")).push(" RETURNING ")).finish(),
            },
            delete_by_user: ById::new(start("DELETE"), table, user_id),
            delete_by_user_and_kind: of_kind(start("DELETE").rows(table, user_id)).finish(),
            expired: DeleteExpired::new(dialect, table, id, expires, constraints),
            add: {
                let text = add(dialect, token, &insert);
                match returning {
                    Returning::Nothing => text.finish(),
                    _ => text.push(" RETURNING ").select(table, [id, kind, data, expires]).finish(),
                }
            },
            subtract: {
                let text = subtract(dialect, token);
                match returning {
                    Returning::Writes => text.push(" RETURNING ").select(table, [id, kind, data, expires]).finish(),
                    _ => text.finish(),
                }
            },
            count: {
                let text = row(start("SELECT ").select(table, [id, kind, data, expires]));
                ends(text, token).finish()
            },
        }
    }

    pub(crate) fn get(&self, id: SqlValue, kind: SqlValue) -> Query {
        Query::of(self.get.clone(), [id, kind])
    }

    /// Inserts a token. With `is_owned`, its user must be in the table of users.
    pub(crate) fn insert(&self, values: [SqlValue; 5], is_owned: bool) -> Query {
        let statement = self.insert_owned.as_ref().filter(|_| is_owned).unwrap_or(&self.insert);
        Query::of(statement.clone(), values)
    }

    /// Deletes a token and returns its user, data and expiry. Returns `None` if the database does not support this.
    pub(crate) fn take(&self, id: SqlValue, kind: SqlValue) -> Option<Query> {
        (self.returning != Returning::Nothing).then(|| Query::of(self.take.clone(), [id, kind]))
    }

    /// Deletes a token if it still has this user, data and expiry.
    pub(crate) fn take_unchanged(
        &self,
        id: SqlValue,
        kind: SqlValue,
        [user_id, data, expires]: [SqlValue; 3],
    ) -> Query {
        Query::of(self.take.clone(), [id, kind, user_id, data, expires])
    }

    pub(crate) fn delete_by_user_and_kind(&self, user_id: SqlValue, kind: SqlValue) -> Query {
        Query::of(self.delete_by_user_and_kind.clone(), [user_id, kind])
    }

    /// Reads the id, kind, data and expiry of a counter whose window ends in this time.
    pub(crate) fn count(&self, id: SqlValue, kind: SqlValue, [now, latest]: [SqlValue; 2]) -> Query {
        Query::of(self.count.clone(), [id, kind, now, latest])
    }

    /// Adds from 1 to `max` to a counter, and returns the same columns as [`count`](Self::count). If the id belongs to
    /// another row, the row is returned unchanged or not at all.
    pub(crate) fn add(
        &self,
        id: SqlValue,
        kind: SqlValue,
        by: i64,
        max: i64,
        now: SqlValue,
        end: SqlValue,
    ) -> Returned {
        let values = [
            id.clone(),
            kind.clone(),
            SqlValue::Null,
            SqlValue::Text(by.to_string()),
            end,
            now.clone(),
            SqlValue::Integer(max - by),
            SqlValue::Text(max.to_string()),
            SqlValue::Integer(by),
        ];
        let add = Query::of(self.add.clone(), values);
        match self.returning {
            Returning::Nothing => Returned::ByQuery([add, self.count(id, kind, [now, SqlValue::Integer(i64::MAX)])]),
            _ => Returned::Directly(add),
        }
    }

    /// Subtracts from a counter whose window ends in this time, and returns the same columns as
    /// [`count`](Self::count).
    pub(crate) fn subtract(&self, id: SqlValue, kind: SqlValue, by: i64, ends: [SqlValue; 2]) -> Returned {
        let by = SqlValue::Integer(by);
        let [now, latest] = ends.clone();
        let values = [by.clone(), by, SqlValue::Text("0".to_owned()), id.clone(), kind.clone(), now, latest];
        let subtract = Query::of(self.subtract.clone(), values);
        match self.returning {
            Returning::Writes => Returned::Directly(subtract),
            _ => Returned::ByQuery([subtract, self.count(id, kind, ends)]),
        }
    }
}

/// Appends the condition that the row has this user, data and expiry. Only MySQL needs it: `<=>` equates null values.
fn unchanged(text: Writer, token: &TokenTable) -> Writer {
    let TokenTable { table, user_id, data, expires, .. } = token;
    let text = text.push(" AND ").compare(table, user_id, " <=> ").push(" AND ").is(table, data);
    text.push(" AND ").compare(table, expires, " = ")
}

/// Appends the data of a counter as an integer.
fn integer(text: Writer, dialect: &dyn Dialect, token: &TokenTable) -> Writer {
    let [integer, _] = dialect.integer_and_text();
    text.push("CAST(").column(&token.table, &token.data).push(" AS ").push(integer).push(")")
}

/// Inserts a counter, or adds to the one with the same id. If it has expired, it starts again. If the row is not the
/// counter with this id, it does not change: it is a token, or its id is equal by a collation.
fn add(dialect: &'static dyn Dialect, token: &TokenTable, insert: &Insert<'_>) -> Writer {
    let TokenTable { table, id, kind, data, expires, .. } = token;
    let [_, text_type] = dialect.integer_and_text();
    let is =
        |text: Writer, column, index| text.same_id(Operand::Column(table, column), Operand::Parameter(index, column));
    let is_counter = |text: Writer| is(is(text, id, 1).push(" AND "), kind, 2);
    let text = insert.write(Writer::new(dialect, "")).dual().push(&dialect.on_duplicate(id));
    // MySQL sets the columns in this order: the first one still reads the old expiry.
    let text = is_counter(text.name(data).push(" = CASE WHEN NOT (")).push(") THEN ").column(table, data);
    let text = text.push(" WHEN ").compare(table, expires, " < ").push(" THEN ").again(4, data);
    let text = integer(text.push(" WHEN "), dialect, token).push(" > ").number().push(" THEN ").parameter(data);
    let text = integer(text.push(" ELSE CAST("), dialect, token).push(" + ").number();
    let text = text.push(" AS ").push(text_type).push(") END, ").name(expires).push(" = CASE WHEN ");
    let text = is_counter(text).push(" AND ").column(table, expires).push(" < ").again(6, expires);
    text.push(" THEN ").again(5, expires).push(" ELSE ").column(table, expires).push(" END")
}

/// Appends the condition that a window ends between two times, both included.
fn ends(text: Writer, token: &TokenTable) -> Writer {
    let TokenTable { table, expires, .. } = token;
    text.push(" AND ").compare(table, expires, " >= ").push(" AND ").compare(table, expires, " <= ")
}

/// Subtracts from a counter whose window ends in a time. The result is at least 0.
fn subtract(dialect: &'static dyn Dialect, token: &TokenTable) -> Writer {
    let TokenTable { table, id, kind, data, .. } = token;
    let [_, text_type] = dialect.integer_and_text();
    let text = Writer::new(dialect, "UPDATE ").table(table).push(" SET ").name(data).push(" = CASE WHEN ");
    let text = integer(text, dialect, token).push(" > ").number();
    let text = integer(text.push(" THEN CAST("), dialect, token).push(" - ").number();
    let text = text.push(" AS ").push(text_type).push(") ELSE ").parameter(data).push(" END WHERE ");
    ends(text.is(table, id).push(" AND ").is(table, kind), token)
}

use std::sync::Arc;

use super::SqlValue;

/// The text of a statement. It is rendered once and cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sql: Arc<str>,
    /// The index of each placeholder's parameter, if placeholders have no numbers and a parameter occurs twice.
    pub(crate) order: Option<Arc<[usize]>>,
}

/// A statement and the values of its parameters.
///
/// The text does not contain values, so a driver can prepare it once per connection and cache it by its text.
#[derive(Clone, Debug)]
pub struct Query {
    pub(crate) statement: Statement,
    pub(crate) parameters: Vec<SqlValue>,
}

impl Query {
    /// Creates a query with its values in the order of the placeholders.
    #[must_use]
    pub fn new(sql: impl Into<Arc<str>>, parameters: impl Into<Vec<SqlValue>>) -> Self {
        Self { statement: Statement { sql: sql.into(), order: None }, parameters: parameters.into() }
    }

    /// Creates a query from a rendered statement.
    pub(crate) fn of(statement: Statement, parameters: impl Into<Vec<SqlValue>>) -> Self {
        Self { statement, parameters: parameters.into() }
    }

    /// Returns the text.
    #[must_use]
    pub const fn sql(&self) -> &Arc<str> {
        &self.statement.sql
    }

    /// Returns the values to bind, in the order of the placeholders.
    pub fn bound(&self) -> impl Iterator<Item = &SqlValue> {
        let order = self.statement.order.as_deref();
        let count = order.map_or(self.parameters.len(), <[_]>::len);
        (0..count).filter_map(move |place| self.parameters.get(order.map_or(place, |order| order[place])))
    }
}

use std::sync::Arc;

use super::SqlValue;

/// The text of a statement. It is rendered once and cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sql: Arc<str>,
    /// The parameter of each placeholder, where placeholders have no number and are not simply the next parameter.
    pub(crate) order: Option<Arc<[usize]>>,
}

/// A statement and the values of its parameters.
///
/// The text holds no value: a driver may prepare it once per connection and keep it by its text.
#[derive(Debug)]
pub struct Query {
    pub(crate) statement: Statement,
    pub(crate) parameters: Vec<SqlValue>,
}

impl Query {
    /// Creates a query of a driver's own, with its values in the order of the placeholders.
    #[must_use]
    pub fn new(sql: impl Into<Arc<str>>, parameters: impl Into<Vec<SqlValue>>) -> Self {
        Self { statement: Statement { sql: sql.into(), order: None }, parameters: parameters.into() }
    }

    /// Creates a query of a text that is ready.
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

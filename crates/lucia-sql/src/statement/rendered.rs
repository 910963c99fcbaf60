use crate::{driver::Statement, tables::Column};

/// A rendered statement, and its columns.
#[derive(Debug)]
pub(super) struct Rendered {
    columns: Vec<String>,
    statement: Statement,
}

impl Rendered {
    pub(super) fn new(columns: &[&Column], statement: Statement) -> Self {
        Self { columns: columns.iter().map(|column| column.name.clone()).collect(), statement }
    }

    /// Returns the statement if it has these columns.
    pub(super) fn statement(&self, columns: &[&Column]) -> Option<Statement> {
        let is_for = columns.iter().map(|column| &column.name).eq(&self.columns);
        is_for.then(|| self.statement.clone())
    }
}

use crate::{driver::Statement, tables::Column};

/// A statement whose text is rendered, and the columns that it is for.
#[derive(Debug)]
pub(super) struct Ready {
    columns: Vec<String>,
    statement: Statement,
}

impl Ready {
    pub(super) fn new(columns: &[&Column], statement: Statement) -> Self {
        Self { columns: columns.iter().map(|column| column.name.clone()).collect(), statement }
    }

    /// The statement, if it is for these columns.
    pub(super) fn statement(&self, columns: &[&Column]) -> Option<Statement> {
        let is_for = columns.iter().map(|column| &column.name).eq(&self.columns);
        is_for.then(|| self.statement.clone())
    }
}

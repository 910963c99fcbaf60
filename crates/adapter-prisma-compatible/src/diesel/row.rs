use diesel::{
    backend::Backend,
    deserialize,
    deserialize::QueryableByName,
    row::{Field as _, NamedRow},
};
use lucia_sql::driver::{Row, SqlValue};

/// A backend whose values can be read without their columns.
pub(super) trait ReadValue: Backend {
    fn read(value: Self::RawValue<'_>) -> deserialize::Result<SqlValue>;
}

/// A row whose values are read by position, because the application determines the names of its columns.
#[derive(Debug)]
pub(super) struct Cells(pub(super) Row);

impl<DB: ReadValue> QueryableByName<DB> for Cells {
    fn build<'a>(row: &impl NamedRow<'a, DB>) -> deserialize::Result<Self> {
        let cell = |index| match diesel::row::Row::get(row, index) {
            Some(field) => field.value().map_or(Ok(SqlValue::Null), DB::read),
            None => Ok(SqlValue::Null),
        };
        (0..diesel::row::Row::field_count(row)).map(cell).collect::<Result<_, _>>().map(Self)
    }
}

pub(super) fn rows(cells: Vec<Cells>) -> Vec<Row> {
    cells.into_iter().map(|Cells(row)| row).collect()
}

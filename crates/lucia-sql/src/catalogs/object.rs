/// A table, index, type or foreign key, and the statement that creates it.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) name: String,
    pub(crate) sql: String,
}

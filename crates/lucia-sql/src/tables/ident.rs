/// The name of a table, also in its quoted form with the schema.
#[derive(Clone, Debug)]
pub(crate) struct Ident {
    pub(crate) name: String,
    pub(crate) quoted: String,
    /// The names of its partitions.
    pub(crate) partitions: Vec<String>,
    /// The names of its columns.
    pub(crate) columns: Vec<String>,
    /// Columns that a trigger fills and that are not attributes. Inserts set them to null, because MariaDB otherwise
    /// requires a default.
    pub(crate) filled: Vec<String>,
}

impl Ident {
    /// Returns `true` if the name in an error of the database is the name of this table. On SQLite it may be followed
    /// by a point and the start of a column's name.
    pub(crate) fn is(&self, name: &str) -> bool {
        let is = |own: &str| {
            let start = name.get(..own.len()).is_some_and(|start| start.eq_ignore_ascii_case(own));
            start && matches!(name.as_bytes().get(own.len()), None | Some(b'.'))
        };
        is(&self.name) || self.partitions.iter().any(|partition| is(partition))
    }
}

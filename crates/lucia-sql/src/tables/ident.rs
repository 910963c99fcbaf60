/// The name of a table, and the same as statements have it: quoted, and with its schema where there are schemas.
#[derive(Clone, Debug)]
pub(crate) struct Ident {
    pub(crate) name: String,
    pub(crate) quoted: String,
    /// The names of its partitions.
    pub(crate) partitions: Vec<String>,
    /// The names of its columns.
    pub(crate) columns: Vec<String>,
    /// Columns that a trigger fills and no attribute has. Inserts set them to null, or MariaDB misses a default.
    pub(crate) filled: Vec<String>,
}

impl Ident {
    /// Whether the database means this table by a name. SQLite's may have the start of a column's name behind a point.
    pub(crate) fn is(&self, name: &str) -> bool {
        let is = |own: &str| {
            let start = name.get(..own.len()).is_some_and(|start| start.eq_ignore_ascii_case(own));
            start && matches!(name.as_bytes().get(own.len()), None | Some(b'.'))
        };
        is(&self.name) || self.partitions.iter().any(|partition| is(partition))
    }
}

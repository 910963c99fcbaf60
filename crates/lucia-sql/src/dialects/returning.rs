/// The writes that can return rows: `INSERT … RETURNING`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returning {
    /// All of them.
    Writes,
    /// Inserts and deletes, but not updates, as on MariaDB.
    InsertsAndDeletes,
    /// None of them, as on MySQL.
    Nothing,
}

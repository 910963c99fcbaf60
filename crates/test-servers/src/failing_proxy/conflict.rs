/// A failure of a statement because of other transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conflict {
    /// SQLSTATE 40001 of Postgres, error 1020 of MariaDB. The transaction is rolled back.
    Serialization,
    /// SQLSTATE 40P01 of Postgres, error 1213 of MySQL and MariaDB. The transaction is rolled back.
    Deadlock,
    /// SQLSTATE 55P03 of Postgres, which aborts the transaction, or error 1205 of MySQL and MariaDB, which only undoes the
    /// statement.
    LockTimeout,
    /// SQLSTATE 58000 of Postgres, error 2013 of MySQL and MariaDB, with which a pooler reports that it lost the server. Only
    /// a `COMMIT`, and on Postgres what is executed outside a transaction, fails in this way, after it has had its effect.
    LostCommit,
}

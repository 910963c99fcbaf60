use sqlx::mysql::MySqlDatabaseError;

use crate::{
    dialect::mysql_message::{column, constraint, first_name, foreign_key, key, last_name},
    driver::{DriverError, Failure, redacted::redacted},
};

/// The server's number of an error. Its SQLSTATE is the same for many of them, and its text depends on the server's language.
fn number(error: &sqlx::Error) -> Option<u16> {
    let error = error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>()?;
    Some(error.number())
}

pub(super) fn classify(error: sqlx::Error) -> DriverError {
    let failure = match &error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_) => Failure::Unavailable,
        sqlx::Error::Database(database) => match number(&error) {
            Some(number) => of_number(number, database.code().as_deref(), database.message()),
            None => Failure::Other,
        },
        _ => Failure::Other,
    };
    let error = match error {
        // Their messages repeat the value, which may be a session id or a hash.
        sqlx::Error::Database(database)
            if matches!(failure, Failure::Unique(_) | Failure::Check(_) | Failure::Value(_)) =>
        {
            redacted(&*database)
        }
        error => error,
    };
    DriverError { failure, source: Box::new(error) }
}

/// Whether the server undid a statement or transaction because others were in its way: a deadlock, or, on MariaDB with
/// `innodb_snapshot_isolation`, a row that was changed after the snapshot.
///
/// A lock that was waited for in vain (1205) is none of these: the server has waited long enough.
pub(super) fn is_in_the_way(error: &sqlx::Error) -> bool {
    matches!(number(error), Some(1020 | 1213))
}

/// Whether there is no savepoint of the name.
pub(super) fn is_no_savepoint(error: &sqlx::Error) -> bool {
    number(error) == Some(1305)
}

/// Whether the connection is gone.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(_)) || matches!(number(error), Some(1053 | 1927 | 2006 | 2013 | 3169 | 4031))
}

fn of_number(number: u16, state: Option<&str>, message: &str) -> Failure {
    match number {
        1022 | 1062 | 1169 | 1586 | 1859 => Failure::Unique(key(message)),
        1216 | 1217 | 1451 | 1452 => Failure::ForeignKey(foreign_key(message)),
        1048 | 1364 => Failure::NotNull(column(first_name(message))),
        3819 => Failure::Check(constraint(first_name(message))),
        // MariaDB's, which checks columns of JSON so. MySQL has something else under this number.
        4025 if state == Some("23000") => Failure::Check(column(first_name(message))),
        // Too long, out of range, cut, or of another form; characters that a column has not; invalid JSON; longer than the
        // server takes at once.
        1153 | 1264 | 1265 | 1292 | 1366 | 1367 | 1406 | 1411 | 1441 | 1525 | 1690 | 3140 | 3141 | 3156 | 3854 | 3988 => {
            Failure::Value(column(last_name(message)))
        }
        1044 | 1142 | 1143 | 1227 | 1370 => Failure::Denied,
        _ if is_unavailable(number) => Failure::Unavailable,
        _ => Failure::Other,
    }
}

/// Connections, locks and memory that could not be had, a server that stops or only reads, time limits.
const fn is_unavailable(number: u16) -> bool {
    matches!(
        number,
        // No place: disk, memory, table, connections.
        1021 | 1037 | 1038 | 1040 | 1041 | 1114 | 1129 | 1203 | 1226
        // The connection or the server ends, or a node of a cluster is not ready.
        | 1047 | 1053 | 1077 | 1079 | 1080 | 1152 | 1158
            ..=1161 | 1184 | 1927 | 2006 | 2013 | 3169 | 4031
        // Locks and deadlocks, a statement that was interrupted or took too long.
        | 1020 | 1205 | 1213 | 1317 | 1969 | 3024 | 3572
        // A server that only reads, a replica for example.
        | 1290 | 1792 | 1836
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::driver::Place;

    fn of_column(name: &str) -> Place {
        Place { column: Some(name.to_owned()), ..Place::default() }
    }

    fn of_constraint(name: &str) -> Place {
        Place { constraint: Some(name.to_owned()), ..Place::default() }
    }

    /// Messages of MariaDB 10.11 and MySQL 9.7.
    #[test]
    fn places_are_read_from_the_messages_of_both_servers() {
        let failure = |number, message| of_number(number, Some("23000"), message);
        for (number, message, expected) in [
            (1062, "Duplicate entry 'k1' for key 'PRIMARY'", Failure::Unique(of_constraint("PRIMARY"))),
            (
                1062,
                "Duplicate entry 'it's 'for key 'x' for key 'Key.PRIMARY'",
                Failure::Unique(of_constraint("Key.PRIMARY")),
            ),
            (
                1062,
                "Duplicate entry 'ada' for key 'User_username_key'",
                Failure::Unique(of_constraint("User_username_key")),
            ),
            (
                1062,
                "Doppelter Eintrag 'ada' für Schlüssel 'User_username_key'",
                Failure::Unique(of_constraint("User_username_key")),
            ),
            (
                1452,
                "Cannot add or update a child row: a foreign key constraint fails (`app`.`Session`, CONSTRAINT \
                 `Session_user_id_fkey` FOREIGN KEY (`user_id`) REFERENCES `User` (`id`) ON DELETE CASCADE)",
                Failure::ForeignKey(of_constraint("Session_user_id_fkey")),
            ),
            (1048, "Column 'name' cannot be null", Failure::NotNull(of_column("name"))),
            (1364, "Field 'name' doesn't have a default value", Failure::NotNull(of_column("name"))),
            (1406, "Data too long for column 'id' at row 1", Failure::Value(of_column("id"))),
            (1264, "Out of range value for column 'age' at row 1", Failure::Value(of_column("age"))),
            (
                1366,
                "Incorrect integer value: 'x' for column `app`.`User`.`age` at row 1",
                Failure::Value(of_column("age")),
            ),
            (1292, "Incorrect datetime value: '0000' for column 'seen' at row 1", Failure::Value(of_column("seen"))),
            (
                3140,
                "Invalid JSON text: \"Invalid value.\" at position 1 in value for column 'User.meta'.",
                Failure::Value(of_column("meta")),
            ),
            (4025, "CONSTRAINT `User.meta` failed for `app`.`User`", Failure::Check(of_column("meta"))),
            (3819, "Check constraint 'age_positive' is violated.", Failure::Check(of_constraint("age_positive"))),
            (1062, "no quotes", Failure::Unique(Place::default())),
            (1142, "DELETE command denied to user 'app'@'localhost' for table 'User'", Failure::Denied),
            (1205, "Lock wait timeout exceeded; try restarting transaction", Failure::Unavailable),
            (1146, "Table 'app.User' doesn't exist", Failure::Other),
        ] {
            assert_eq!(failure(number, message), expected, "{message}");
        }
        assert_eq!(of_number(4025, Some("HY000"), "`x`"), Failure::Other, "MySQL has another error of this number");
    }

    proptest! {
        #[test]
        fn no_message_panics(message in ".{0,60}", number in 1000_u16..4100) {
            let _ = of_number(number, Some("23000"), &message);
        }

        #[test]
        fn the_entry_never_decides(entry in ".{0,40}") {
            let message = format!("Duplicate entry '{entry}' for key 'User.User_username_key'");
            prop_assert_eq!(key(&message), of_constraint("User.User_username_key"));
        }
    }
}

//! Classification of the errors of MySQL and MariaDB by their numbers, and by the names in their messages.

use super::{Failure, Place, Retry};

/// Classifies an error by its number, its SQLSTATE if the driver provides it, and the names in its message.
#[must_use]
pub fn failure(number: u16, state: Option<&str>, message: &str) -> Failure {
    match number {
        1022 | 1062 | 1169 | 1586 | 1859 => Failure::Unique(key(message)),
        1216 | 1217 | 1451 | 1452 => Failure::ForeignKey(foreign_key(message)),
        1048 | 1364 => Failure::NotNull(column(first_name(message))),
        3819 => Failure::Check(constraint(first_name(message))),
        // MariaDB, which also checks JSON columns in this way. MySQL uses this number for another error. Diesel does
        // not provide the state.
        4025 if state == Some("23000") || state.is_none() && message.starts_with("CONSTRAINT `") => {
            Failure::Check(check(first_name(message)))
        }
        // Longer than `max_allowed_packet`.
        1153 => Failure::Value(Place::default()),
        // Too long, out of range, truncated or malformed; characters that a column cannot store; invalid JSON. The last
        // quoted name may be the value instead of the column.
        1264 | 1265 | 1292 | 1366 | 1367 | 1406 | 1411 | 1441 | 1525 | 1690 | 3140 | 3141 | 3156 | 3854 | 3988 => {
            Failure::Value(column(last_name(message)))
        }
        1050 | 1061 | 1826 => Failure::Exists,
        // A duplicate constraint on MariaDB. The rest of the message is in the server's language.
        1005 if message.contains(": 121 \"") => Failure::Exists,
        1044 | 1142 | 1143 | 1227 | 1370 => Failure::Denied,
        _ if is_unavailable(number) => Failure::Unavailable,
        _ => Failure::Other,
    }
}

/// Returns `true` if connections, locks or memory are exhausted, the server stops or is read-only, or a time limit was
/// exceeded.
const fn is_unavailable(number: u16) -> bool {
    matches!(
        number,
        // Exhausted disk, memory, table or connections.
        1021 | 1037 | 1038 | 1040 | 1041 | 1114 | 1129 | 1203 | 1226
        // The connection ended, the server stops, or a node of a cluster is not ready.
        | 1047 | 1053 | 1077 | 1079 | 1080 | 1152 | 1158
            ..=1161 | 1184 | 1927 | 2006 | 2013 | 3169 | 4031
        // Locks and deadlocks, a statement that was interrupted or took too long.
        | 1020 | 1205 | 1213 | 1317 | 1969 | 3024 | 3572
        // A read-only server, for example a replica.
        | 1290 | 1792 | 1836
    )
}

/// Returns the kind of retry that may succeed after an error with this number.
#[must_use]
pub const fn retry(number: u16) -> Retry {
    match number {
        // A deadlock, or, on MariaDB with `innodb_snapshot_isolation`, a row that was changed after the snapshot: the
        // server rolled the transaction back. A lock wait timeout (1205) is not retried, because the server has waited
        // long enough.
        1020 | 1213 => Retry::AfterPause,
        // A prepared statement that the server no longer knows, or cannot prepare again.
        1243 | 1615 => Retry::Unprepared,
        // A read-only server; a node that lost its cluster; a connection that was idle for too long.
        1290 | 1792 | 1836 | 1047 | 4031 => Retry::Elsewhere,
        // A shutdown, or a lost connection.
        1053 | 1927 | 2006 | 2013 | 3169 => Retry::IfRead,
        _ => Retry::Never,
    }
}

/// Reads the key from the end of `Duplicate entry 'a' for key 'User.PRIMARY'`, because the entry may contain anything.
/// MySQL puts the table before the key, MariaDB does not; introspected tables have both names.
fn key(message: &str) -> Place {
    let name = last_name(message);
    let table = name.and_then(|name| name.split_once('.')).map(|(table, _)| table.to_owned());
    Place { table, ..constraint(name) }
}

/// Reads the foreign key from `… (`app`.`Session`, CONSTRAINT `Session_user_id_fkey` FOREIGN KEY …)`, which is the same
/// in every language of the server.
fn foreign_key(message: &str) -> Place {
    let Some((before, rest)) = message.split_once(" CONSTRAINT `") else {
        return Place::default();
    };
    let table = before.strip_suffix("`,").and_then(|before| before.rsplit_once('`')).map(|(_, table)| table.to_owned());
    Place { table, ..constraint(rest.split_once('`').map(|(name, _)| name)) }
}

fn constraint(name: Option<&str>) -> Place {
    Place { constraint: name.map(ToOwned::to_owned), ..Place::default() }
}

/// Returns the place of a MariaDB check. A check of a column has the name of the table and column.
fn check(name: Option<&str>) -> Place {
    if name.is_some_and(|name| name.contains('.')) { column(name) } else { constraint(name) }
}

fn column(name: Option<&str>) -> Place {
    Place { column: name.map(end), ..Place::default() }
}

/// Returns the part after the last point. The database and table may precede it.
fn end(name: &str) -> String {
    name.rsplit('.').next().unwrap_or_default().to_owned()
}

const QUOTES: [char; 2] = ['\'', '`'];

/// Returns the last quoted name. MariaDB puts a name in backticks if the table precedes it: `` `app`.`User`.`age` ``.
fn last_name(message: &str) -> Option<&str> {
    let close = message.rfind(QUOTES)?;
    let before = &message[..close];
    let open = before.rfind(QUOTES)?;
    Some(&before[open + 1..])
}

/// Returns the first quoted name: `Column 'x' cannot be null`, `Field 'x' doesn't have a default value`.
fn first_name(message: &str) -> Option<&str> {
    let open = message.find(QUOTES)?;
    let after = &message[open + 1..];
    Some(&after[..after.find(QUOTES)?])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of_column(name: &str) -> Place {
        Place { column: Some(name.to_owned()), ..Place::default() }
    }

    fn of_constraint(name: &str) -> Place {
        Place { constraint: Some(name.to_owned()), ..Place::default() }
    }

    /// Messages of MariaDB 10.11 and MySQL 9.7.
    #[test]
    fn places_are_read_from_the_messages_of_both_servers() {
        let classify = |number, message| failure(number, Some("23000"), message);
        for (number, message, expected) in [
            (1062, "Duplicate entry 'k1' for key 'PRIMARY'", Failure::Unique(of_constraint("PRIMARY"))),
            (
                1062,
                "Duplicate entry 'it's 'for key 'x' for key 'Key.PRIMARY'",
                Failure::Unique(Place { table: Some("Key".to_owned()), ..of_constraint("Key.PRIMARY") }),
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
                Failure::ForeignKey(Place {
                    table: Some("Session".to_owned()),
                    ..of_constraint("Session_user_id_fkey")
                }),
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
            (1153, "Got a packet bigger than 'max_allowed_packet' bytes", Failure::Value(Place::default())),
            (4025, "CONSTRAINT `User.meta` failed for `app`.`User`", Failure::Check(of_column("meta"))),
            (4025, "CONSTRAINT `adult` failed for `app`.`User`", Failure::Check(of_constraint("adult"))),
            (3819, "Check constraint 'age_positive' is violated.", Failure::Check(of_constraint("age_positive"))),
            (1062, "no quotes", Failure::Unique(Place::default())),
            (1142, "DELETE command denied to user 'app'@'localhost' for table 'User'", Failure::Denied),
            (1050, "Table 'Key' already exists", Failure::Exists),
            (1061, "Duplicate key name 'Session_idle_expires_idx'", Failure::Exists),
            (1826, "Duplicate foreign key constraint name 'Key_user_id_fkey'", Failure::Exists),
            (
                1005,
                "Kann Tabelle `app`.`Key` nicht erzeugen (Fehler: 121 \"Duplicate key on write or update\")",
                Failure::Exists,
            ),
            (
                1005,
                "Can't create table `app`.`Key` (errno: 150 \"Foreign key constraint is incorrectly formed\")",
                Failure::Other,
            ),
            (1205, "Lock wait timeout exceeded; try restarting transaction", Failure::Unavailable),
            (1146, "Table 'app.User' doesn't exist", Failure::Other),
        ] {
            assert_eq!(classify(number, message), expected, "{message}");
        }
        assert_eq!(failure(4025, Some("HY000"), "`x`"), Failure::Other, "another error with this number on MySQL");
        assert_eq!(failure(4025, None, "`x`"), Failure::Other, "the same without a state");
        let check = "CONSTRAINT `adult` failed for `app`.`User`";
        assert_eq!(failure(4025, None, check), Failure::Check(of_constraint("adult")));
    }

    /// MySQL reports why it ended an idle connection (4031) before it receives the next statement. MariaDB does not.
    #[test]
    fn only_statements_without_effect_are_retried() {
        for number in [1290, 1792, 1836, 1047, 4031] {
            assert_eq!(retry(number), Retry::Elsewhere, "{number}");
        }
        for number in [1053, 1927, 2006, 2013, 3169] {
            assert_eq!(retry(number), Retry::IfRead, "{number}");
        }
        for number in [1205, 1062, 1317] {
            assert_eq!(retry(number), Retry::Never, "{number}");
        }
    }

    proptest! {
        #[test]
        fn no_message_panics(message in ".{0,60}", number in 1000_u16..4100) {
            let _ = failure(number, Some("23000"), &message);
        }

        #[test]
        fn the_key_does_not_depend_on_the_entry(entry in ".{0,40}") {
            let message = format!("Duplicate entry '{entry}' for key 'User.User_username_key'");
            let of_users = Place { table: Some("User".to_owned()), ..of_constraint("User.User_username_key") };
            prop_assert_eq!(key(&message), of_users);
        }
    }
}

//! Classification of the errors of SQLite by their result codes, and by the names in their messages.

use super::{Failure, Place, Retry};

/// Classifies an error by its extended result code, and the names in its message.
#[must_use]
pub fn failure(extended_code: i32, message: &str) -> Failure {
    match extended_code {
        // `SQLITE_CONSTRAINT_PRIMARYKEY`, `_UNIQUE` and `_ROWID`.
        1555 | 2067 | 2579 => Failure::Unique(place(message)),
        787 => Failure::ForeignKey(Place::default()),
        1299 => Failure::NotNull(place(message)),
        275 => Failure::Check(place(message)),
        code if is_unavailable(code & 0xFF) => Failure::Unavailable,
        _ => Failure::Other,
    }
}

/// Returns the kind of retry that may succeed after an error with this extended result code.
///
/// The busy timeout of a connection covers most locks, but not those between connections with a shared cache. A pool of
/// the application may have no busy timeout, and a writer may wait for longer than the timeout.
#[must_use]
pub const fn retry(extended_code: i32) -> Retry {
    // `SQLITE_BUSY` and `SQLITE_LOCKED`.
    if matches!(extended_code & 0xFF, 5 | 6) { Retry::AfterPause } else { Retry::Never }
}

/// Returns `true` if the database is busy, locked or read-only, the statement was interrupted, memory or disk are
/// exhausted, an I/O error occurred, or the file cannot be opened or locked.
const fn is_unavailable(primary_code: i32) -> bool {
    matches!(primary_code, 5..=10 | 13..=15)
}

/// Returns the table and column, or the check, that SQLite names at the end of an error message.
#[must_use]
pub fn place(message: &str) -> Place {
    let (table, column) = violated_column(message).unzip();
    Place { table, column, constraint: violated_check(message) }
}

/// Reads the table and column from the end of the message: `UNIQUE constraint failed: User.username`.
fn violated_column(message: &str) -> Option<(String, String)> {
    if message.contains(CHECK) {
        return None;
    }
    let (_, places) = message.rsplit_once("constraint failed: ")?;
    let (table, column) = places.rsplit(", ").next()?.rsplit_once('.')?;
    Some((table.to_owned(), column.to_owned()))
}

const CHECK: &str = "CHECK constraint failed: ";

/// Returns the name of a check, or its expression if it does not have a name.
fn violated_check(message: &str) -> Option<String> {
    message.split_once(CHECK).map(|(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{failure, retry, violated_check, violated_column};
    use crate::driver::{Failure, Place, Retry};

    #[test]
    fn errors_are_classified_by_their_extended_code() {
        let column = Place { table: Some("User".into()), column: Some("name".into()), constraint: None };
        let unique = "UNIQUE constraint failed: User.name";
        assert_eq!(
            [1555, 2067, 2579].map(|code| failure(code, unique)),
            [(); 3].map(|()| Failure::Unique(column.clone()))
        );
        assert_eq!(failure(787, "FOREIGN KEY constraint failed"), Failure::ForeignKey(Place::default()));
        // `SQLITE_BUSY_SNAPSHOT`, `SQLITE_LOCKED_SHAREDCACHE`, `SQLITE_IOERR_SHORT_READ` and `SQLITE_READONLY_DIRECTORY`.
        let unavailable =
            [(517, Retry::AfterPause), (262, Retry::AfterPause), (522, Retry::Never), (1_544, Retry::Never)];
        for (code, expected) in unavailable {
            assert_eq!((failure(code, ""), retry(code)), (Failure::Unavailable, expected), "{code}");
        }
        assert_eq!((failure(1, "no such table: User"), retry(1)), (Failure::Other, Retry::Never));
    }

    #[test]
    fn the_column_is_read_from_the_end_of_the_message() {
        let column = |message| violated_column(message);
        let named = |table: &str, column: &str| Some((table.to_owned(), column.to_owned()));
        assert_eq!(column("UNIQUE constraint failed: User.username"), named("User", "username"));
        assert_eq!(column("UNIQUE constraint failed: User.first, User.last"), named("User", "last"));
        assert_eq!(column("NOT NULL constraint failed: app.User.email"), named("app.User", "email"));
        assert_eq!(column("UNIQUE constraint failed: index 'User_lower'"), None);
        assert_eq!(column("CHECK constraint failed: json_valid(User.meta)"), None);
        assert_eq!(column("something else"), None);
        assert_eq!(violated_check("CHECK constraint failed: adult").as_deref(), Some("adult"));
    }

    proptest! {
        #[test]
        fn no_message_panics(message in "(UNIQUE constraint failed: )?.{0,30}", name in "[^.]{1,20}") {
            let _ = violated_column(&message);
            if !name.contains(", ") && !name.contains("constraint failed: ") {
                let message = format!("UNIQUE constraint failed: User.a.b, User.{name}");
                prop_assert_eq!(violated_column(&message), Some(("User".to_owned(), name)));
            }
        }
    }
}

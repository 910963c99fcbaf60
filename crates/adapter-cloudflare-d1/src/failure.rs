//! Classifies failures by message, because D1 has no error codes. The messages for constraints are SQLite's; the others are in
//! Cloudflare's list of D1 errors.

use lucia_sql::driver::{Failure, Place, Retry, sqlite};

/// D1 is too busy, or a statement exceeded a limit. Cloudflare advises against a retry.
const OVERLOADED: &[&str] =
    &["is overloaded", "exceeded timeout", "exceeded its memory limit", "exceeded its CPU time limit"];

/// The database was not reached, so it did not run the statement.
const UNREACHED: &[&str] = &["Cannot resolve D1 DB"];

/// The connection was lost or the database restarted, so it may have run the statement.
const LOST: &[&str] = &[
    "Network connection lost",
    "storage caused object to be reset",
    "reset because its code was updated",
    "client disconnected",
    "internal error",
];

/// Returns the failure of a statement, and whether a retry helps and is safe.
pub(crate) fn classify(message: &str) -> (Failure, Retry) {
    let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
    if let Some(failure) = violated(message) {
        (failure, Retry::Never)
    } else if says(OVERLOADED) {
        (Failure::Unavailable, Retry::Never)
    } else if says(UNREACHED) {
        (Failure::Unavailable, Retry::Elsewhere)
    } else if says(LOST) {
        (Failure::Unavailable, Retry::IfRead)
    } else {
        (Failure::Other, Retry::Never)
    }
}

/// Returns the constraint or limit that SQLite names: `D1_ERROR: UNIQUE constraint failed: User.id: SQLITE_CONSTRAINT`.
fn violated(message: &str) -> Option<Failure> {
    let message = message.split_once(": SQLITE_").map_or(message, |(message, _)| message);
    let place = || sqlite::place(message);
    Some(if message.contains("UNIQUE constraint failed") {
        Failure::Unique(place())
    } else if message.contains("NOT NULL constraint failed") {
        Failure::NotNull(place())
    } else if message.contains("CHECK constraint failed") {
        Failure::Check(place())
    } else if message.contains("FOREIGN KEY constraint failed") {
        Failure::ForeignKey(Place::default())
    } else if message.ends_with("string or blob too big") {
        Failure::Value(Place::default())
    } else if message.ends_with(" already exists") {
        Failure::Exists
    } else {
        return None;
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(table: &str, column: &str) -> Place {
        Place { table: Some(table.to_owned()), column: Some(column.to_owned()), constraint: None }
    }

    #[test]
    fn constraints_are_told_apart() {
        for (message, failure) in [
            ("D1_ERROR: UNIQUE constraint failed: User.id: SQLITE_CONSTRAINT", Failure::Unique(place("User", "id"))),
            (
                "D1_ERROR: UNIQUE constraint failed: Key.id: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_PRIMARYKEY)",
                Failure::Unique(place("Key", "id")),
            ),
            ("UNIQUE constraint failed: User.id", Failure::Unique(place("User", "id"))),
            (
                "D1_ERROR: NOT NULL constraint failed: User.username: SQLITE_CONSTRAINT_NOTNULL",
                Failure::NotNull(place("User", "username")),
            ),
            (
                "D1_ERROR: CHECK constraint failed: adult: SQLITE_CONSTRAINT",
                Failure::Check(Place { constraint: Some("adult".to_owned()), ..Place::default() }),
            ),
            ("D1_ERROR: FOREIGN KEY constraint failed: SQLITE_CONSTRAINT", Failure::ForeignKey(Place::default())),
            ("D1_ERROR: string or blob too big: SQLITE_TOOBIG", Failure::Value(Place::default())),
            ("D1_ERROR: table \"User\" already exists at offset 13: SQLITE_ERROR", Failure::Other),
            ("D1_ERROR: index Session_user_id_idx already exists: SQLITE_ERROR", Failure::Exists),
            ("D1_ERROR: no such table: User: SQLITE_ERROR", Failure::Other),
        ] {
            assert_eq!(classify(message), (failure, Retry::Never), "{message}");
        }
    }

    #[test]
    fn outages_say_whether_the_statement_may_have_run() {
        for (message, retry) in [
            ("D1_ERROR: Network connection lost.", Retry::IfRead),
            ("D1_ERROR: D1 DB reset because its code was updated.", Retry::IfRead),
            ("D1_ERROR: Internal error while starting up D1 DB storage caused object to be reset.", Retry::IfRead),
            ("internal error; reference = 0123456789abcdef", Retry::IfRead),
            ("D1_ERROR: Cannot resolve D1 DB due to transient issue on remote node.", Retry::Elsewhere),
            ("D1_ERROR: D1 DB is overloaded. Requests queued for too long.", Retry::Never),
            ("D1_ERROR: D1 DB is overloaded. Too many requests queued.", Retry::Never),
            ("D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.", Retry::Never),
            ("D1_ERROR: D1 DB exceeded its CPU time limit and was reset.", Retry::Never),
            ("D1_ERROR: D1 DB's isolate exceeded its memory limit and was reset.", Retry::Never),
        ] {
            assert_eq!(classify(message), (Failure::Unavailable, retry), "{message}");
        }
    }

    proptest! {
        #[test]
        fn no_message_panics(message in "(UNIQUE constraint failed: )?\\PC*(: SQLITE_\\PC*)?") {
            let _ = classify(&message);
        }
    }
}

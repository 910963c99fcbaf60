//! What SQLite says of a constraint, and D1 of itself. There are no codes: D1 hands out SQLite's words.

/// Why a statement failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Another row has these values: `User.id`, or several columns with commas.
    Unique(String),
    /// A column that must not be null: `User.username`.
    NotNull(String),
    /// A reference to a row that is not there, or a condition of the table.
    Constraint,
    /// D1 could not be reached, or was too slow, or too busy.
    Unavailable,
    Other,
}

/// What D1 says of failures that pass, by its own documentation.
const PASSING: &[&str] = &[
    "Network connection lost",
    "storage caused object to be reset",
    "reset because its code was updated",
    "transient issue",
    "exceeded timeout",
    "is overloaded",
    "Internal error while starting up",
    "internal error",
];

impl Failure {
    pub(crate) fn new(message: &str) -> Self {
        let place = |start: &str| {
            let (_, rest) = message.split_once(start)?;
            Some(rest.split(": ").next().unwrap_or(rest).trim().to_owned())
        };
        if let Some(place) = place("UNIQUE constraint failed: ") {
            return Self::Unique(place);
        }
        if let Some(place) = place("NOT NULL constraint failed: ") {
            return Self::NotNull(place);
        }
        if message.contains("FOREIGN KEY constraint failed") || message.contains("CHECK constraint failed") {
            return Self::Constraint;
        }
        if PASSING.iter().any(|passing| message.contains(passing)) { Self::Unavailable } else { Self::Other }
    }
}

/// Whether this is the column of a place, such as `User.id`. SQLite spells names as the table was made, and tells none apart
/// by their case.
pub(crate) fn is_column(place: &str, table: &str, column: &str) -> bool {
    let same = |(t, c): (&str, &str)| t.eq_ignore_ascii_case(table) && c.eq_ignore_ascii_case(column);
    place.split_once('.').is_some_and(same)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_have_no_case() {
        for place in ["User.id", "user.id", "USER.ID"] {
            assert!(is_column(place, "User", "id"), "{place}");
        }
        for place in ["User.idx", "Users.id", "Key.id", "User", "id", "User.id, User.name", ""] {
            assert!(!is_column(place, "User", "id"), "{place}");
        }
    }

    #[test]
    fn constraints_are_told_apart() {
        let unique = |place: &str| Failure::Unique(place.to_owned());
        for (message, failure) in [
            ("UNIQUE constraint failed: User.id: SQLITE_CONSTRAINT", unique("User.id")),
            (
                "D1_ERROR: UNIQUE constraint failed: Key.id: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_PRIMARYKEY)",
                unique("Key.id"),
            ),
            ("UNIQUE constraint failed: User.id", unique("User.id")),
            (
                "NOT NULL constraint failed: User.username: SQLITE_CONSTRAINT_NOTNULL",
                Failure::NotNull("User.username".to_owned()),
            ),
            ("FOREIGN KEY constraint failed: SQLITE_CONSTRAINT_FOREIGNKEY", Failure::Constraint),
            ("D1_ERROR: D1 DB is overloaded. Requests queued for too long.", Failure::Unavailable),
            ("D1_ERROR: no such table: User: SQLITE_ERROR", Failure::Other),
        ] {
            assert_eq!(Failure::new(message), failure, "{message}");
        }
    }

    proptest! {
        #[test]
        fn no_message_panics(message in "(UNIQUE constraint failed: )?\\PC*") {
            let _ = Failure::new(&message);
        }
    }
}

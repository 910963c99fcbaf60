//! The names in the error messages of SQLite.

use super::Place;

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

    use super::{violated_check, violated_column};

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

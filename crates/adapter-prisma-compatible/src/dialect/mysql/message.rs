//! Names in the messages of the servers, where nothing else has them.

use crate::driver::Place;

/// `Duplicate entry 'a' for key 'User.PRIMARY'`: the entry may hold anything, so the end is what is looked at. MySQL puts the
/// table before the key, MariaDB does not; tables are introspected with both names.
pub(crate) fn key(message: &str) -> Place {
    constraint(last_name(message))
}

/// `… (`app`.`Session`, CONSTRAINT `Session_user_id_fkey` FOREIGN KEY …)`, which is no text of the server's language.
pub(crate) fn foreign_key(message: &str) -> Place {
    let name = message.split_once(" CONSTRAINT `").and_then(|(_, rest)| rest.split_once('`'));
    constraint(name.map(|(name, _)| name))
}

pub(crate) fn constraint(name: Option<&str>) -> Place {
    Place { constraint: name.map(ToOwned::to_owned), ..Place::default() }
}

pub(crate) fn column(name: Option<&str>) -> Place {
    Place { column: name.map(end), ..Place::default() }
}

/// What is behind the last point: the database and the table may be before it.
fn end(name: &str) -> String {
    name.rsplit('.').next().unwrap_or_default().to_owned()
}

const QUOTES: [char; 2] = ['\'', '`'];

/// The last quoted name. MariaDB puts one in backticks where it has the table before it: `` `app`.`User`.`age` ``.
pub(crate) fn last_name(message: &str) -> Option<&str> {
    let close = message.rfind(QUOTES)?;
    let before = &message[..close];
    let open = before.rfind(QUOTES)?;
    Some(&before[open + 1..])
}

/// The first quoted name: `Column 'x' cannot be null`, `Field 'x' doesn't have a default value`.
pub(crate) fn first_name(message: &str) -> Option<&str> {
    let open = message.find(QUOTES)?;
    let after = &message[open + 1..];
    Some(&after[..after.find(QUOTES)?])
}

/// The column that is quoted first.
pub(crate) fn first_column(message: &str) -> Place {
    column(first_name(message))
}

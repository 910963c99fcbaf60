//! All SQL. It is rendered when the adapter is made, from quoted names; values are parameters.
//!
//! Columns are qualified where that is allowed: SQLite takes an unknown `"column"` for a string.

use std::borrow::Cow;

use crate::{AttributeType, D1Config};

/// Every statement, and the few that depend on which attributes are written.
#[derive(Clone, Debug)]
pub(crate) struct Statements {
    /// The user's id. The columns are the id, and the attributes in their order.
    pub(crate) get_user: String,
    /// The user's id.
    pub(crate) user_exists: String,
    /// The user's id.
    pub(crate) delete_user: String,
    /// The key's id. The columns are the id, the user's id and the hash.
    pub(crate) get_key: String,
    /// The user's id. The same columns.
    pub(crate) get_keys_by_user: String,
    /// The key's id.
    pub(crate) key_exists: String,
    /// The id, the user's id and the hash. Nothing is inserted if there is no such user; returns a row if it was.
    pub(crate) insert_key: String,
    /// The id, the new id or null, whether to set the hash, the new hash, and the hash that is expected or null. Returns a
    /// row if the key was updated.
    pub(crate) update_key: String,
    /// The key's id.
    pub(crate) delete_key: String,
    /// The user's id.
    pub(crate) delete_keys_by_user: String,
    /// The id, and all attributes in their order.
    insert_user: String,
    user: String,
    attributes: Vec<String>,
}

impl Statements {
    pub(crate) fn new(config: &D1Config) -> Self {
        let (user, key) = (quoted(&config.user_table), quoted(&config.key_table));
        let attributes: Vec<_> = config.attributes.iter().map(|(name, _)| quoted(name)).collect();
        let read: String =
            config.attributes.iter().map(|(name, kind)| format!(", {}", read(&user, name, *kind))).collect();
        let get_key = format!(r#"SELECT {key}."id", {key}."user_id", {key}."hashed_password" FROM {key} WHERE {key}"#);
        let all: Vec<_> = (0..attributes.len()).collect();
        Self {
            get_user: format!(r#"SELECT {user}."id"{read} FROM {user} WHERE {user}."id" = ?1"#),
            user_exists: format!(r#"SELECT 1 FROM {user} WHERE {user}."id" = ?1"#),
            delete_user: format!(r#"DELETE FROM {user} WHERE {user}."id" = ?1"#),
            get_keys_by_user: format!(r#"{get_key}."user_id" = ?1"#),
            get_key: format!(r#"{get_key}."id" = ?1"#),
            key_exists: format!(r#"SELECT 1 FROM {key} WHERE {key}."id" = ?1"#),
            insert_key: format!(
                r#"INSERT INTO {key} ("id", "user_id", "hashed_password") SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM {user} WHERE {user}."id" = ?2) RETURNING 1"#
            ),
            update_key: format!(
                r#"UPDATE {key} SET "id" = coalesce(?2, {key}."id"), "hashed_password" = CASE WHEN ?3 THEN ?4 ELSE {key}."hashed_password" END WHERE {key}."id" = ?1 AND (?5 IS NULL OR {key}."hashed_password" = ?5) RETURNING 1"#
            ),
            delete_key: format!(r#"DELETE FROM {key} WHERE {key}."id" = ?1"#),
            delete_keys_by_user: format!(r#"DELETE FROM {key} WHERE {key}."user_id" = ?1"#),
            insert_user: insert_user(&user, &attributes, &all),
            user,
            attributes,
        }
    }

    /// Inserts a user: its id, and the attributes of these numbers.
    pub(crate) fn insert_user(&self, written: &[usize]) -> Cow<'_, str> {
        if written.len() == self.attributes.len() {
            return Cow::Borrowed(&self.insert_user);
        }
        Cow::Owned(insert_user(&self.user, &self.attributes, written))
    }

    /// Sets the attributes of these numbers, which are at least one: the user's id, and their values. Returns a row if there
    /// is such a user.
    pub(crate) fn update_user(&self, written: &[usize]) -> String {
        let user = &self.user;
        let set =
            written.iter().zip(2..).map(|(index, parameter)| format!("{} = ?{parameter}", self.attributes[*index]));
        let set = set.collect::<Vec<_>>().join(", ");
        format!(r#"UPDATE {user} SET {set} WHERE {user}."id" = ?1 RETURNING 1"#)
    }
}

fn insert_user(user: &str, attributes: &[String], written: &[usize]) -> String {
    let columns: String = written.iter().map(|index| format!(", {}", attributes[*index])).collect();
    let values: String = (2..).take(written.len()).map(|parameter| format!(", ?{parameter}")).collect();
    format!(r#"INSERT INTO {user} ("id"{columns}) VALUES (?1{values})"#)
}

/// D1 hands out numbers as doubles; what has to be exact is read as text.
fn read(user: &str, name: &str, kind: AttributeType) -> String {
    let column = format!("{user}.{}", quoted(name));
    match kind {
        AttributeType::BigInt | AttributeType::Json => format!("CAST({column} AS TEXT)"),
        AttributeType::String | AttributeType::Float | AttributeType::Boolean => column,
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements() -> Statements {
        let config = D1Config::new()
            .user_attribute("username", AttributeType::String)
            .user_attribute("visits", AttributeType::BigInt);
        Statements::new(&config)
    }

    #[test]
    fn text() {
        let sql = statements();
        assert_eq!(
            sql.get_user,
            r#"SELECT "User"."id", "User"."username", CAST("User"."visits" AS TEXT) FROM "User" WHERE "User"."id" = ?1"#
        );
        assert_eq!(sql.insert_user(&[0, 1]), r#"INSERT INTO "User" ("id", "username", "visits") VALUES (?1, ?2, ?3)"#);
        assert_eq!(sql.insert_user(&[1]), r#"INSERT INTO "User" ("id", "visits") VALUES (?1, ?2)"#);
        assert_eq!(sql.insert_user(&[]), r#"INSERT INTO "User" ("id") VALUES (?1)"#);
        assert_eq!(
            sql.update_user(&[1, 0]),
            r#"UPDATE "User" SET "visits" = ?2, "username" = ?3 WHERE "User"."id" = ?1 RETURNING 1"#
        );
    }

    #[test]
    fn names_are_quoted() {
        assert_eq!(quoted(r#"a"b"#), r#""a""b""#);
    }
}
